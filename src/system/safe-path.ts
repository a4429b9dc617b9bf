/** Paths that come from an image or a container, resolved by the kernel inside their root. */
import { closeSync, constants, fstatSync, readlinkSync, readSync } from 'node:fs';
import { hasErrno } from '../errors.ts';
import { check, native } from './native.ts';

const pathOnly = 0o10000000; // O_PATH

/**
 * Opens a path as a process would that had `root` as its root: "..", absolute paths and links stay inside
 * (openat2, RESOLVE_IN_ROOT). The fd is close-on-exec. Bytes must be a relative path.
 */
export function openInRoot(root: string, path: string | Uint8Array, flags: number, mode = 0o644): number {
  const inside = typeof path === 'string' ? relative(path) : path;
  return check(native().openInRoot(root, inside, flags, mode), 'open', String(path));
}

/** The host's path of something inside the root, all links followed. Good only while nobody else writes there. */
export function resolveInRoot(root: string, path: string): string {
  const fd = openInRoot(root, path, pathOnly);
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } finally {
    closeSync(fd);
  }
}

/**
 * The content of a regular file, or null if there is none.
 * @throws EFBIG if it is longer than `maxBytes`: it is not cut
 */
export function readFileInRoot(root: string, path: string, maxBytes: number): string | null {
  const fd = openToRead(root, path);
  if (fd === null) return null;
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return null;
    if (stat.size > maxBytes) throw check(-27 /* EFBIG */, 'read', path);
    return readWhole(fd, stat.size);
  } finally {
    closeSync(fd);
  }
}

// Non-blocking: a fifo in the place of the file must not stop us.
function openToRead(root: string, path: string): number | null {
  try {
    return openInRoot(root, path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')) return null;
    throw error;
  }
}

function readWhole(fd: number, size: number): string {
  const buffer = Buffer.alloc(size);
  let length = 0;
  while (length < size) {
    const n = readSync(fd, buffer, length, size - length, length);
    if (n === 0) break;
    length += n;
  }
  return buffer.toString('utf8', 0, length);
}

// openat2 refuses an empty path, and "/" must mean the root itself.
function relative(path: string): string {
  return path.replace(/^\/+/, '') || '.';
}
