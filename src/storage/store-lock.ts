/**
 * The write locks of containers/storage and the last-writer token in them.
 *
 * Order: storage.lock, layers.lock, images.lock, containers.lock; mountpoints.lock last. What runs under a lock is
 * synchronous: an OFD lock also excludes this process's other opens of the file, so waiting for a promise inside
 * could dead-lock against a call that blocks.
 */

import { existsSync, mkdirSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno } from '../errors.ts';
import { tryLock, withLockSync } from '../system/lock.ts';
import { randomFillSync } from '../system/random.ts';
import { storeError } from './record-file.ts';

/** What may be done while a lock is held. */
export interface HeldLock {
  /** Tells other processes to reload: call before the first change of a JSON file. Written once a hold. */
  touch(): void;
}

/** Runs `fn` with the write lock of a file; the folder is made when it is missing. */
export function underLock<T>(path: string, fn: (lock: HeldLock) => T): T {
  let entered = false;
  const enter = (fd: number) => {
    entered = true;
    return fn(heldLock(fd));
  };
  try {
    return withLockSync(path, 'exclusive', enter);
  } catch (error) {
    if (entered || !hasErrno(error, 'ENOENT')) throw storeError(error, pathOf(error) ?? path);
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return withLockSync(path, 'exclusive', enter);
}

/**
 * Runs `fn` with two locks, the second of which is never waited for while the first is held: others may take them in
 * the other order (Podman before 4.4 does).
 */
export function underBothLocks<T>(first: string, second: string, fn: () => T): T {
  if (!existsSync(dirname(second))) mkdirSync(dirname(second), { recursive: true, mode: 0o700 });
  for (;;) {
    const done = underLock(first, () => {
      const lock = tryLock(second, 'exclusive');
      if (lock === null) return null;
      try {
        return { result: fn() };
      } finally {
        lock.release();
      }
    });
    if (done !== null) return done.result;
    underLock(second, () => undefined);
  }
}

function pathOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).path;
}

function heldLock(fd: number): HeldLock {
  let touched = false;
  return {
    touch() {
      if (!touched) writeSync(fd, newToken(), 0, 64, 0);
      touched = true;
    },
  };
}

let counter = 0n;

/** 64 bytes that no other write has: time, counter, pid, randomness. */
function newToken(): Buffer {
  const token = Buffer.allocUnsafe(64);
  counter += 1n;
  token.writeBigUInt64LE(BigInt(Date.now()) * 1_000_000n + (process.hrtime.bigint() % 1_000_000n), 0);
  token.writeBigUInt64LE(counter, 8);
  token.writeUInt32LE(process.pid, 16);
  return randomFillSync(token, 20, 44);
}
