/** The end of a container whose output somebody watches. */

import { hasCode } from '../errors.ts';
import { waitExit } from '../system/proc.ts';
import type { Attendance } from './attended.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { readEnding } from './ending.ts';
import { withContainer } from './locks.ts';
import { needsKillAll } from './oci-runtime.ts';
import { podAfterExit } from './pod-exit.ts';
import { processLives, releaseHeld, settle } from './settle.ts';
import { trace } from './trace.ts';

export interface AttachedRun {
  container: Container;
  attached: Promise<'ended' | 'detached'>;
  /**
   * End of the monitor: the exit file is written, or this is the exit code. Undefined when the monitor was started by
   * another call.
   */
  ended: Promise<number | undefined> | undefined;
  /** Null: the monitor's exit command (or somebody else) does the clean-up. */
  attendance: Attendance | null;
}

/** Waits until the streams end, then until the container did, and cleans up when that is this process's job. */
export async function waitAttached(rt: RuntimeContext, run: AttachedRun): Promise<number> {
  // The process may end long after its streams, or leave them to others: then its last output is still to come.
  const early = run.attendance && run.ended ? releaseAtEnd(rt, run.container) : null;
  const how = await run.attached;
  if (how === 'detached') return detach(rt, run);
  trace('eof');
  const reported = await (run.ended ?? waitExit(run.container.state.monitorPid));
  trace('ended');
  await early;
  try {
    const code = await finish(rt, run);
    return code === -1 && typeof reported === 'number' ? reported : code;
  } finally {
    run.attendance?.release();
  }
}

/** The exit code of this run of the container, after making sure that it is settled. */
async function finish(rt: RuntimeContext, { container }: AttachedRun): Promise<number> {
  const { id } = container.config;
  const seen = readEnding(rt, id)?.exitCode;
  try {
    await settleRun(rt, container);
  } catch (error) {
    if (!hasCode(error, 'NO_SUCH_CONTAINER')) throw error;
  }
  await podAfterExit(rt, container);
  trace('settled');
  return seen ?? rt.state.exitCode(id) ?? -1;
}

type Verb = (rt: RuntimeContext, container: Container) => Promise<unknown>;

/**
 * As soon as the process is gone its mounts and network can go too: the runtime deletes its part at the same time, and
 * the monitor records the end after that. Failures are met again, and reported, when the container is settled.
 */
async function releaseAtEnd(rt: RuntimeContext, container: Container): Promise<void> {
  await waitExit(container.state.pid);
  trace('gone');
  await settleRun(rt, container, async (_, now) => {
    if (!needsKillAll(now.config)) await releaseHeld(rt, now).catch(() => undefined);
  }).catch(() => undefined);
  trace('released');
}

/** Settles the container if it is still the same run of it. */
function settleRun(rt: RuntimeContext, { config, state }: Container, verb: Verb = settle): Promise<void> {
  return withContainer(rt, config.id, async (now) => {
    const sameRun = now.state.pid === state.pid && now.state.pidStartTime === state.pidStartTime;
    if (sameRun && !processLives(now.state)) await verb(rt, now);
  });
}

/** The monitor takes over; if the container ended while this process was still responsible, it has to do it now. */
async function detach(rt: RuntimeContext, { container, attendance }: AttachedRun): Promise<number> {
  attendance?.release();
  if (attendance && !processLives(container.state)) await finish(rt, { container } as AttachedRun);
  return 0;
}
