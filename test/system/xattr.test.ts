import { closeSync, lstatSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { getxattr, listxattr, mknod, removexattr, setxattr, syncfs } from '../../src/system/xattr.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync('/tmp/tspod-xattr-');
});
afterEach(() => rmSync(dir, { recursive: true }));

describe('extended attributes', () => {
  it('are set, read, listed and removed', () => {
    writeFileSync(`${dir}/f`, '');
    setxattr(`${dir}/f`, 'trusted.overlay.opaque', 'y');
    expect(getxattr(`${dir}/f`, 'trusted.overlay.opaque')?.toString()).toBe('y');
    expect(listxattr(`${dir}/f`)).toContain('trusted.overlay.opaque');
    removexattr(`${dir}/f`, 'trusted.overlay.opaque');
    expect(getxattr(`${dir}/f`, 'trusted.overlay.opaque')).toBeNull();
  });

  it('belong to a link, not to what it points to', () => {
    writeFileSync(`${dir}/f`, '');
    symlinkSync('f', `${dir}/l`);
    setxattr(`${dir}/l`, 'trusted.x', '1');
    expect(getxattr(`${dir}/f`, 'trusted.x')).toBeNull();
  });
});

describe('other calls', () => {
  it('make whiteouts and flush file systems', () => {
    mknod(`${dir}/wh`, 0o020000, 0, 0);
    expect(lstatSync(`${dir}/wh`)).toMatchObject({ rdev: 0 });
    expect(lstatSync(`${dir}/wh`).isCharacterDevice()).toBe(true);
    const fd = openSync(dir, 'r');
    syncfs(fd);
    closeSync(fd);
    expect(() => syncfs(fd)).toThrow('EBADF');
  });
});
