/** Extended attributes and file system calls that node:fs lacks. Links at the end of a path are never followed. */
import { check, native } from './native.ts';

/** The value, or null if there is no such attribute. */
export function getxattr(path: string, name: string): Buffer | null {
  const value = native().lgetxattr(path, name);
  return value === -61 /* ENODATA */ ? null : (check(value, 'lgetxattr', path) as Buffer);
}

export function setxattr(path: string, name: string, value: string | Uint8Array): void {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  check(native().lsetxattr(path, name, bytes), 'lsetxattr', path);
}

export function removexattr(path: string, name: string): void {
  check(native().lremovexattr(path, name), 'lremovexattr', path);
}

export function listxattr(path: string): string[] {
  const names = check(native().llistxattr(path), 'llistxattr', path) as string;
  return names.split('\0').filter((name) => name !== '');
}

/** mknod(2): `mode` includes the type (S_IFCHR 0o020000, S_IFBLK 0o060000, S_IFIFO 0o010000). */
export function mknod(path: string, mode: number, major: number, minor: number): void {
  check(native().mknod(path, mode, major, minor), 'mknod', path);
}

/** Waits until the whole file system of the fd is on the disk. */
export function syncfs(fd: number): void {
  check(native().syncfs(fd), 'syncfs');
}
