/** The truth about containers for commands that only look: nothing is locked for long, little is written. */

import { startTime } from '../system/proc.ts';
import { isAttended } from './attended.ts';
import type { Container } from './container.ts';
import { isActive, isLive } from './container-state.ts';
import type { RuntimeContext } from './context.ts';
import { readEnding } from './ending.ts';
import { healthResults } from './health/results.ts';
import { hasStartMark, tryContainer } from './locks.ts';
import { processLives, refresh } from './settle.ts';

/** All containers as they are, oldest first; what crashed calls, monitors or machines left behind is corrected. */
export async function currentContainers(rt: RuntimeContext): Promise<Container[]> {
  const containers = await Promise.all(rt.state.list().map((container) => current(rt, container)));
  return containers.filter((container) => container !== null);
}

/**
 * One container as it is, or null when it is gone. A container that has just ended, and that its monitor or a
 * waiting command is about to clean up, is shown as exited and left to them.
 */
export async function current(rt: RuntimeContext, container: Container): Promise<Container | null> {
  const now = await truth(rt, container);
  const results = now?.config.healthcheck && isActive(now.state.status) ? healthResults(rt, now.config) : null;
  if (!now || !results) return now;
  const health = { status: results.Status, failingStreak: results.FailingStreak };
  return { config: now.config, state: { ...now.state, health } };
}

async function truth(rt: RuntimeContext, container: Container): Promise<Container | null> {
  const { config, state } = container;
  if (!isLive(state.status)) {
    return hasStartMark(rt, config.id) ? correct(rt, container) : container;
  }
  if (processLives(state)) return container;
  const ending = readEnding(rt, config.id);
  const monitorLives = state.monitorPid > 0 && startTime(state.monitorPid) !== null;
  if (monitorLives || isAttended(rt, config.id)) {
    return ending ? { config, state: { ...state, ...ending, status: 'exited', pid: 0, monitorPid: 0 } } : container;
  }
  return correct(rt, container);
}

/** Nobody else will: settle it, unless somebody has the lock and is at it. */
async function correct(rt: RuntimeContext, container: Container): Promise<Container | null> {
  const { id } = container.config;
  const settled = await tryContainer(rt, id, async (found, lock) => ({ container: await refresh(rt, found, lock) }));
  return settled ? settled.container : rt.state.get(id);
}
