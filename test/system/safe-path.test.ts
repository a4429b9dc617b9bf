import { closeSync, constants, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openInRoot, readFileInRoot, resolveInRoot } from '../../src/system/safe-path.ts';
import { run } from '../../src/system/spawn.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync('/tmp/tspod-path-');
  mkdirSync(`${dir}/root/etc`, { recursive: true });
  writeFileSync(`${dir}/root/etc/passwd`, 'inside');
  writeFileSync(`${dir}/passwd`, 'outside');
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('paths inside a root', () => {
  it('never leave it: CVE-2018-15664', () => {
    symlinkSync('/etc', `${dir}/root/absolute`);
    symlinkSync('../../../../../../../etc', `${dir}/root/relative`);
    for (const path of ['/etc/passwd', 'absolute/passwd', '/relative/passwd', '../../etc/passwd']) {
      expect(readFileInRoot(`${dir}/root`, path, 100)).toBe('inside');
    }
    expect(readFileInRoot(`${dir}/root`, '../passwd', 100)).toBeNull();
    expect(resolveInRoot(`${dir}/root`, '/absolute/../absolute')).toBe(`${dir}/root/etc`);
    expect(resolveInRoot(`${dir}/root`, '/')).toBe(`${dir}/root`);
  });

  it('do not go through magic links: CVE-2024-21626', () => {
    expect(() => openInRoot('/proc', 'self/root/etc/passwd', constants.O_RDONLY)).toThrow(/ELOOP|ENOENT/);
  });

  it('do not stop at a fifo and do not read folders', () => {
    run({ file: 'mkfifo', args: [`${dir}/root/etc/group`] });
    expect(readFileInRoot(`${dir}/root`, 'etc/group', 100)).toBeNull();
    expect(readFileInRoot(`${dir}/root`, 'etc', 100)).toBeNull();
  });

  it('refuse a file that is too long: CVE-2024-9676', () => {
    expect(() => readFileInRoot(`${dir}/root`, 'etc/passwd', 5)).toThrow('EFBIG');
  });

  it('can create inside the root', () => {
    closeSync(openInRoot(`${dir}/root`, '/etc/new', constants.O_CREAT | constants.O_WRONLY));
    expect(readFileInRoot(`${dir}/root`, 'etc/new', 0)).toBe('');
  });
});
