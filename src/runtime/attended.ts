/**
 * "I will clean up after this container": a lock that a waiting command holds while the container runs. The monitor
 * looks at it when the container ended and then leaves its exit command alone, which saves a second Node process.
 * When the holder is killed the lock is free and the exit command runs as usual.
 */
import { mkdirSync } from 'node:fs';
import { tryLock } from '../system/lock.ts';
import type { RuntimeContext } from './context.ts';

export interface Attendance {
  /** To be called after the clean-up, or to hand it back to the monitor. */
  release(): void;
}

/** Path of the file, for the monitor's --exit-command-lock. */
export function attendedPath(rt: RuntimeContext, id: string): string {
  return `${rt.paths.tmpDir}/attended/${id}`;
}

/** Takes over the clean-up; null when another command has it already. */
export function attend(rt: RuntimeContext, id: string): Attendance | null {
  mkdirSync(`${rt.paths.tmpDir}/attended`, { recursive: true, mode: 0o700 });
  return tryLock(attendedPath(rt, id), 'exclusive');
}

/** True while a command is responsible for the clean-up. */
export function isAttended(rt: RuntimeContext, id: string): boolean {
  const held = attend(rt, id);
  held?.release();
  return held === null;
}
