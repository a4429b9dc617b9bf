/** Facts about processes, from /proc and pidfds. */
import { closeSync, readFileSync } from 'node:fs';
import { check, native } from './native.ts';
import { readable, whenReady } from './watch.ts';

/** Start time in clock ticks since boot, or null if there is no such process (a zombie counts as gone). */
export function startTime(pid: number): number | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The second field is the program's name, in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  return state === 'Z' || state === 'X' ? null : Number(fields[19]);
}

/** True if the process runs and is the one that started at that time: pids are used again. */
export function isAlive(pid: number, started: number): boolean {
  return startTime(pid) === started;
}

/** Changes at every boot. */
export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
}

/** Resolves when the process has ended; at once if there is none. */
export async function waitExit(pid: number): Promise<void> {
  const fd = native().pidfdOpen(pid);
  if (fd === -3 /* ESRCH */) return;
  check(fd, 'pidfd_open');
  try {
    await whenReady(fd, readable);
  } finally {
    closeSync(fd);
  }
}
