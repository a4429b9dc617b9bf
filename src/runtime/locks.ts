/**
 * One lock file per container. It is held while an operation changes the container, and re-reads the container once
 * it has the lock: what was read before may be stale. A killed holder releases it (OFD lock).
 *
 * The content of the file is a journal of one word: `starting` while mounts, network and monitor are being made.
 * Found by somebody who gets the lock, it says that a start was killed half way.
 */
import { ftruncateSync, mkdirSync, rmSync, statSync, writeSync } from 'node:fs';
import { hasErrno } from '../errors.ts';
import { type HeldLock, tryLock, withLock } from '../system/lock.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { noSuchContainer } from './state.ts';

/** The lock as its holder sees it. */
export interface ContainerLock {
  /** The mark is this process's own, see keepForStart: no sign of a crash. */
  readonly markedHere: boolean;
  /** Notes that a start is under way. */
  markStarting(): void;
  clearMark(): void;
}

export type LockedWork<T> = (container: Container, lock: ContainerLock) => T | Promise<T>;

/** Runs `work` on the fresh container, alone. NO_SUCH_CONTAINER when it was removed in the meantime. */
export async function withContainer<T>(rt: RuntimeContext, id: string, work: LockedWork<T>): Promise<T> {
  const held = kept.get(id);
  const run = (fd: number): T | Promise<T> => {
    const container = rt.state.get(id);
    if (!container) {
      forgetLock(rt, id);
      throw noSuchContainer(id);
    }
    return work(container, lockOf(fd, held !== undefined));
  };
  if (!held) return withLock(lockPath(rt, id), 'exclusive', run);
  kept.delete(id);
  try {
    return await run(held.fd);
  } finally {
    held.release();
  }
}

/** Locks that this process took for its next operation on a container. */
const kept = new Map<string, HeldLock>();

/**
 * Takes the lock of a container that is about to be made and started, and marks the start: killed from here on, this
 * process leaves nothing that the next command does not find. The next `withContainer` has the lock.
 */
export function keepForStart(rt: RuntimeContext, id: string): void {
  const held = tryLock(lockPath(rt, id), 'exclusive');
  if (!held) return;
  lockOf(held.fd).markStarting();
  kept.set(id, held);
}

/** Undoes keepForStart: there will be no start. */
export function letGo(rt: RuntimeContext, id: string): void {
  const held = kept.get(id);
  if (!held) return;
  kept.delete(id);
  forgetLock(rt, id);
  held.release();
}

/** As withContainer, but null at once when somebody else has the lock or the container is gone. */
export async function tryContainer<T>(rt: RuntimeContext, id: string, work: LockedWork<T>): Promise<T | null> {
  const held = tryLock(lockPath(rt, id), 'exclusive');
  if (!held) return null;
  try {
    const container = rt.state.get(id);
    return container ? await work(container, lockOf(held.fd)) : null;
  } finally {
    held.release();
  }
}

/** True when the lock file says that a start was begun; only the holder of the lock may conclude anything. */
export function hasStartMark(rt: RuntimeContext, id: string): boolean {
  try {
    return statSync(`${rt.paths.lockDir}/${id}`).size > 0;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

/** Removes the lock file of a container that is no longer in the database. */
export function forgetLock(rt: RuntimeContext, id: string): void {
  rmSync(`${rt.paths.lockDir}/${id}`, { force: true });
}

function lockPath(rt: RuntimeContext, id: string): string {
  mkdirSync(rt.paths.lockDir, { recursive: true, mode: 0o700 });
  return `${rt.paths.lockDir}/${id}`;
}

function lockOf(fd: number, markedHere = false): ContainerLock {
  return {
    markedHere,
    markStarting: () => void writeSync(fd, 'starting', 0),
    clearMark: () => ftruncateSync(fd, 0),
  };
}
