/**
 * Folders for what is being made or deleted, in the form that Podman 5.8 has too: ROOT/temp-dir-X is alive as long as
 * somebody holds a lock on ROOT/lock-X. The next writer of any tool removes those that nobody holds.
 */

import { closeSync, fstatSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { hasErrno } from '../errors.ts';
import { type HeldLock, tryLock } from '../system/lock.ts';
import { randomBytes } from '../system/random.ts';
import { emptied } from '../system/remove.ts';
import { launch, runAsync } from '../system/spawn.ts';

export interface TempDir {
  path: string;
  /** Moves a file or folder of the same file system in here; false when it does not exist. */
  take(path: string): boolean;
  /** Deletes the folder with all that is in it, then its lock. */
  remove(): void;
  /** The same by a process of its own, which holds the lock meanwhile: deleting folders takes ext4 3 ms each. */
  removeInBackground(): void;
  /** As `remove`, by as many threads as there are processors: for what is large. */
  removeTogether(): Promise<void>;
}

/** Makes a folder under `root`, which is made when it is missing. */
export function newTempDir(root: string): TempDir {
  for (;;) {
    const id = randomBytes(6).toString('hex');
    const lock = lockNew(root, `${root}/lock-${id}`);
    if (lock === null) continue;
    const path = `${root}/temp-dir-${id}`;
    mkdirSync(path, { mode: 0o700 });
    return tempDir(path, `${root}/lock-${id}`, lock);
  }
}

/** Removes the folders under `root` whose makers are gone. Call without holding a store lock: it may take long. */
export function recoverTempDirs(root: string): void {
  for (const id of staleCandidates(root)) {
    const lock = tryLock(`${root}/lock-${id}`, 'exclusive');
    if (lock === null) continue;
    removeTree(`${root}/temp-dir-${id}`);
    removeFile(`${root}/lock-${id}`);
    lock.release();
  }
}

/** Deletes a tree, also one with folders that have no write permission; missing is fine. */
export function removeTree(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

function tempDir(path: string, lockPath: string, lock: HeldLock): TempDir {
  let count = 0;
  return {
    path,
    take(from) {
      try {
        renameSync(from, `${path}/${count}-${basename(from)}`);
      } catch (error) {
        if (hasErrno(error, 'ENOENT')) return false;
        throw error;
      }
      count += 1;
      return true;
    },
    remove() {
      removeTree(path);
      removeFile(lockPath);
      lock.release();
    },
    async removeTogether() {
      // The lock is held by this process: should it die, its threads do too, and the next writer goes on.
      if (!(await emptied(path)))
        await runAsync({ file: 'rm', args: ['-rf', '--one-file-system', '--', path], fds: { 3: lock.fd } });
      removeTree(path);
      removeFile(lockPath);
      lock.release();
    },
    removeInBackground() {
      const nothing = openSync('/dev/null', 'r+');
      const args = ['-rf', '--one-file-system', '--', path, lockPath];
      launch({ file: 'rm', args, fds: { 0: nothing, 1: nothing, 2: nothing, 3: lock.fd }, detached: true });
      closeSync(nothing);
      lock.release();
    },
  };
}

/** Null when another process took the new file for a stale one and deleted it between our two calls. */
function lockNew(root: string, path: string): HeldLock | null {
  const lock = openNew(root, path);
  if (lock !== null && fstatSync(lock.fd).nlink > 0) return lock;
  lock?.release();
  return null;
}

function openNew(root: string, path: string): HeldLock | null {
  try {
    return tryLock(path, 'exclusive');
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
    mkdirSync(root, { recursive: true, mode: 0o700 });
    return tryLock(path, 'exclusive');
  }
}

function staleCandidates(root: string): Set<string> {
  const ids = new Set<string>();
  for (const name of listFolder(root)) {
    const id = /^(?:lock|temp-dir)-(.+)$/.exec(name)?.[1];
    if (id) ids.add(id);
  }
  return ids;
}

function listFolder(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error;
  }
}
