/** Locks on files: open file description locks, which end with their holder and conflict with POSIX record locks. */
import { closeSync, constants, openSync } from 'node:fs';
import { check, native } from './native.ts';

export type LockMode = 'shared' | 'exclusive';

export interface HeldLock {
  /** The locked file: readable, and writable if the file system allows it. */
  fd: number;
  release(): void;
}

/** Runs `fn` while the file is locked. When the lock is busy the wait happens off the JavaScript thread. */
export async function withLock<T>(path: string, mode: LockMode, fn: (fd: number) => T | Promise<T>): Promise<T> {
  const lock = await holdLock(path, mode);
  try {
    return await fn(lock.fd);
  } finally {
    lock.release();
  }
}

/** Runs `fn` while the file is locked; blocks the whole process until the lock is free. For short, hot paths. */
export function withLockSync<T>(path: string, mode: LockMode, fn: (fd: number) => T): T {
  const fd = openLockFile(path, mode);
  try {
    check(native().ofdLock(fd, mode, true), 'lock', path);
    return fn(fd);
  } finally {
    closeSync(fd);
  }
}

/** Locks a file that the caller opened for reading and writing; blocks the process. Closing the file releases it. */
export function lockOpened(fd: number, mode: LockMode): void {
  check(native().ofdLock(fd, mode, true), 'lock');
}

/** The lock if it is free now, else null. */
export function tryLock(path: string, mode: LockMode): HeldLock | null {
  const fd = openLockFile(path, mode);
  const rc = native().ofdLock(fd, mode, false);
  if (rc === 0) return held(fd);
  closeSync(fd);
  if (rc === -11 /* EAGAIN */ || rc === -13 /* EACCES */) return null;
  check(rc, 'lock', path);
  return null;
}

/** The lock, once it is free. The caller releases it; the end of the process does too. */
export async function holdLock(path: string, mode: LockMode): Promise<HeldLock> {
  const now = tryLock(path, mode);
  if (now !== null) return now;
  const fd = openLockFile(path, mode);
  const rc = await new Promise<number>((resolve) => native().ofdLockWait(fd, mode, resolve));
  if (rc < 0) closeSync(fd);
  check(rc, 'lock', path);
  return held(fd);
}

function held(fd: number): HeldLock {
  let open = true;
  return {
    fd,
    release() {
      if (open) closeSync(fd);
      open = false;
    },
  };
}

// A read-only store is locked for reading with a read-only fd: a write lock needs a writable one.
function openLockFile(path: string, mode: LockMode): number {
  const flags = constants.O_RDWR | constants.O_CREAT;
  try {
    return openSync(path, flags, 0o644);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (mode === 'exclusive' || (code !== 'EROFS' && code !== 'EACCES' && code !== 'EPERM')) throw error;
    return openSync(path, constants.O_RDONLY);
  }
}
