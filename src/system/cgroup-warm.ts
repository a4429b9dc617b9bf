/** Takes the kernel's wait for its cgroup lock while something else is done. */
import { existsSync } from 'node:fs';
import { cgroupRoot, ownCgroup } from './cgroup.ts';
import { native } from './native.ts';

/**
 * The first move of a process between cgroups after a pause waits 5 to 20 ms for an RCU grace period; the next ones do
 * not. A thread of ours pays that, by moves to where this process is already, while the caller still prepares what the
 * runtime will put into a cgroup. Ends by itself; does nothing where this process may not write (rootless).
 */
export function warmCgroups(milliseconds = 80): void {
  const procs = ownProcsFile();
  if (procs) native().warmCgroups(procs, milliseconds);
}

/** Ends the warming early: to be called once the runtime has moved its process. */
export function coolCgroups(): void {
  native().coolCgroups();
}

/** The lock is one for all hierarchies: the v2 tree (also that of a hybrid machine) or any v1 controller will do. */
function ownProcsFile(): string | undefined {
  const v2 = ownCgroup('');
  const candidates = [`${cgroupRoot}${v2}`, `${cgroupRoot}/unified${v2}`, `${cgroupRoot}/pids${ownCgroup('pids')}`];
  // `/..`: our group lies outside of what this cgroup namespace shows.
  return candidates
    .filter((folder) => !folder.includes('/..'))
    .map(procsFile)
    .find((file) => existsSync(file));
}

function procsFile(folder: string): string {
  return `${folder}/cgroup.procs`.replace('//', '/');
}
