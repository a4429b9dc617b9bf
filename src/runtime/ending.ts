/** How a container ended, from the files that the monitor writes. */
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrno } from '../errors.ts';
import { timestamp } from '../system/clock.ts';
import { startTime } from '../system/proc.ts';
import type { ContainerState } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { removeFolder } from './remove-folder.ts';

export interface Ending {
  exitCode: number;
  finishedAt: string;
  oomKilled: boolean;
  /** Set when the monitor died before it could record anything. */
  error?: string;
}

/** State.Error of a container whose exit code nobody knows. */
export const exitCodeLost = 'conmon died without writing exit file, container exit code could not be retrieved';

/** What the monitor recorded, null while it did not. */
export function readEnding(rt: RuntimeContext, id: string): Ending | null {
  const path = `${rt.paths.exitDir}/${id}`;
  try {
    const exitCode = Number.parseInt(readFileSync(path, 'latin1'), 10);
    const finishedAt = timestamp(statSync(path).ctimeMs);
    return { exitCode, finishedAt, oomKilled: existsSync(`${rt.paths.persistDir}/${id}/oom`) };
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw error;
  }
}

/** Milliseconds that a monitor gets to write the exit file after the process is gone. */
const patience = 5000;

/**
 * The ending of a container whose process is gone. A monitor that lives is about to write it; without one the exit
 * code is lost and -1 stands for it, as in Podman.
 */
export async function awaitEnding(rt: RuntimeContext, id: string, state: ContainerState): Promise<Ending> {
  const deadline = Date.now() + patience;
  for (let pause = 1; ; pause = Math.min(pause * 2, 50)) {
    // The order matters: a monitor that is gone has written the file before, or never will.
    const monitorLives = startTime(state.monitorPid) !== null;
    const ending = readEnding(rt, id);
    if (ending) return ending;
    if (!monitorLives || Date.now() > deadline) {
      return { exitCode: -1, finishedAt: timestamp(), oomKilled: false, error: exitCodeLost };
    }
    await sleep(pause);
  }
}

/** Removes what an earlier run of the container recorded. */
export function forgetEnding(rt: RuntimeContext, id: string): void {
  rmSync(`${rt.paths.exitDir}/${id}`, { force: true });
  removeFolder(`${rt.paths.persistDir}/${id}`);
}
