import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../src/system/atomic-file.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync('/tmp/tspod-atomic-');
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('writeFileAtomic', () => {
  it('replaces content and mode whatever the umask', () => {
    const umask = process.umask(0o077);
    writeFileAtomic(`${dir}/f`, 'one');
    writeFileAtomic(`${dir}/f`, Buffer.from('two'), { mode: 0o644, sync: false });
    process.umask(umask);
    expect(readFileSync(`${dir}/f`, 'utf8')).toBe('two');
    expect(statSync(`${dir}/f`).mode & 0o7777).toBe(0o644);
  });

  it('leaves nothing behind when the rename fails', () => {
    mkdirSync(`${dir}/f/x`, { recursive: true });
    expect(() => writeFileAtomic(`${dir}/f`, 'one')).toThrow(/EISDIR|ENOTEMPTY/);
    expect(readdirSync(dir)).toEqual(['f']);
  });
});
