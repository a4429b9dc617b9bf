/** The process that keeps a user's namespaces while no container runs: the launcher makes it and joins it. */
import { readFileSync, rmSync } from 'node:fs';
import { isRootless, runtimeDir } from '../config/rootless.ts';
import { hasErrno } from '../errors.ts';

/** Ends it, so that the next call makes new namespaces. Nothing to do for root, or when it is gone. */
export function endHolder(): void {
  if (!isRootless()) return;
  const file = `${runtimeDir()}/libpod/tmp/pause.pid`;
  const pid = holderPid(file);
  rmSync(file, { force: true });
  if (pid <= 1) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}

/** 0 unless the file names a process that is a holder: after a reboot the number may be another's. */
function holderPid(file: string): number {
  try {
    const pid = Number(readFileSync(file, 'latin1'));
    const name = readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
    return name === 'podman pause' || name === 'catatonit' ? pid : 0;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ESRCH')) return 0;
    throw error;
  }
}
