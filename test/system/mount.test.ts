import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isMountpoint, mount, mountOverlay, unmount } from '../../src/system/mount.ts';
import { native } from '../../src/system/native.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync('/tmp/tspod-mount-');
  mkdirSync(`${dir}/m`);
});
afterEach(() => {
  if (isMountpoint(`${dir}/m`)) unmount(`${dir}/m`, { detach: true });
  if (isMountpoint(dir)) unmount(dir, { detach: true });
  rmSync(dir, { recursive: true });
});

function lowers(count: number, parent = dir): string[] {
  return Array.from({ length: count }, (_, i) => {
    const path = `${parent}/lower${i}`;
    mkdirSync(path, { recursive: true });
    writeFileSync(`${path}/f${i}`, String(i));
    writeFileSync(`${path}/same`, String(i));
    return path;
  });
}

describe('mount', () => {
  it('mounts a tmpfs and takes it away again', () => {
    expect(isMountpoint(`${dir}/m`)).toBe(false);
    mount({ source: 'tmpfs', target: `${dir}/m`, type: 'tmpfs', flags: ['nosuid', 'nodev'], data: 'size=1m' });
    expect(isMountpoint(`${dir}/m`)).toBe(true);
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).toMatch(new RegExp(`${dir}/m rw,nosuid,nodev`));
    unmount(`${dir}/m`);
    expect(isMountpoint(`${dir}/m`)).toBe(false);
    expect(isMountpoint(`${dir}/none`)).toBe(false);
  });

  it('fails with an errno error that names the target', () => {
    expect(() => mount({ source: 'x', target: `${dir}/m`, type: 'nosuchfs' })).toThrow(
      expect.objectContaining({ code: 'ENODEV', path: `${dir}/m` }),
    );
  });
});

describe('mountOverlay', () => {
  it('mounts 500 lower folders, the top one first', () => {
    mountOverlay({ target: `${dir}/m`, lowers: lowers(500), options: ['metacopy=off', 'ro', 'nodev'] });
    expect(readFileSync(`${dir}/m/same`, 'utf8')).toBe('0');
    expect(readdirSync(`${dir}/m`).length).toBe(501);
  });

  it('writes to the upper folder', () => {
    for (const name of ['upper', 'work']) mkdirSync(`${dir}/${name}`);
    mountOverlay({ target: `${dir}/m`, lowers: lowers(2), upper: `${dir}/upper`, work: `${dir}/work` });
    writeFileSync(`${dir}/m/new`, '');
    expect(existsSync(`${dir}/upper/new`)).toBe(true);
  });

  it('takes paths that are long or hold colons, commas and backslashes', () => {
    const odd = `${dir}/a:b,c\\d/${'x'.repeat(200)}/${'y'.repeat(200)}`;
    for (const name of ['upper', 'work']) mkdirSync(`${odd}/${name}`, { recursive: true });
    mountOverlay({ target: `${dir}/m`, lowers: lowers(3, odd), upper: `${odd}/upper`, work: `${odd}/work` });
    writeFileSync(`${dir}/m/new`, '');
    expect(existsSync(`${odd}/upper/new`)).toBe(true);
  });

  it('mounts the same on kernels without lowerdir+', () => {
    expect(native().mountOverlay(`${dir}/m`, lowers(500), '', '', ['nodev'], true)).toBe(0);
    expect(readFileSync(`${dir}/m/same`, 'utf8')).toBe('0');
    expect(process.cwd()).not.toContain('/proc');
  });
});
