import { hasCode, TspodError } from '../errors.ts';
import type { Container } from './container.ts';
import { isActive } from './container-state.ts';
import type { RuntimeContext } from './context.ts';
import { activeSessions } from './exec-sessions.ts';
import { forgetContainer } from './forget.ts';
import { dependantsOf } from './joined.ts';
import { hasStartMark, withContainer } from './locks.ts';
import { refresh, release } from './settle.ts';
import { stopContainer } from './stop.ts';

export interface RemoveOptions {
  force?: boolean;
  /** Anonymous volumes too. */
  volumes?: boolean;
  /** Seconds until SIGKILL with `force`. */
  timeout?: number | undefined;
  /** Containers that depend on it are removed first. */
  depend?: boolean;
  /** The caller removes the pod of this infra container, and has removed the other containers. */
  withPod?: boolean;
  warn?: (message: string) => void;
}

/**
 * Removes a container. Returns the ids of all that were removed, dependants first; one that somebody else removed
 * meanwhile is not among them. CONTAINER_STATE when it runs and `force` is not set.
 */
export async function removeContainer(rt: RuntimeContext, id: string, options: RemoveOptions = {}): Promise<string[]> {
  const found = rt.state.get(id);
  if (found === null) return [];
  if (found.config.infra && !options.withPod) throw infraStays(found);
  const removed: string[] = [];
  for (const dependant of dependantsOf(rt, id)) {
    if (!options.depend) throw hasDependants(id, dependantsOf(rt, id));
    removed.push(...(await removeContainer(rt, dependant, options)));
  }
  if (await needsStop(rt, id, options)) await stopFirst(rt, id, options);
  if (await erase(rt, id, options)) removed.push(id);
  return removed;
}

/** That the monitor was dead and the exit code is lost does not matter any more. */
async function stopFirst(rt: RuntimeContext, id: string, { timeout, warn }: RemoveOptions): Promise<void> {
  try {
    await stopContainer(rt, id, { timeout, force: true, ...(warn ? { warn } : {}) });
  } catch (error) {
    if (!hasCode(error, 'MONITOR_FAILED')) throw error;
  }
}

/** Whether its process has to be ended first. */
async function needsStop(rt: RuntimeContext, id: string, { force }: RemoveOptions): Promise<boolean> {
  const active = await locked(rt, id, (container) => {
    const { status } = container.state;
    if (!force) refuseActive(rt, container);
    return isActive(status) || status === 'initialized';
  });
  return active === true;
}

/** False when it was gone already. */
async function erase(rt: RuntimeContext, id: string, options: RemoveOptions): Promise<boolean> {
  const done = await locked(rt, id, async (container) => {
    if (container.state.status === 'initialized' || isActive(container.state.status)) throw startedAgain(container);
    if (holdsAnything(rt, container)) await release(rt, container);
    forgetContainer(rt, container, { volumes: options.volumes === true });
    return true;
  });
  return done === true;
}

/** Runs `work` on the container as it truly is; null when there is none any more. */
async function locked<T>(
  rt: RuntimeContext,
  id: string,
  work: (container: Container) => T | Promise<T>,
): Promise<T | null> {
  try {
    return await withContainer(rt, id, async (found, lock) => {
      const container = await refresh(rt, found, lock);
      return container && (await work(container));
    });
  } catch (error) {
    if (error instanceof TspodError && error.code === 'NO_SUCH_CONTAINER') return null;
    throw error;
  }
}

function holdsAnything(rt: RuntimeContext, { config, state }: Container): boolean {
  return state.mountpoint !== '' || state.netns !== '' || hasStartMark(rt, config.id);
}

function refuseActive(rt: RuntimeContext, { config, state }: Container): void {
  if (isActive(state.status)) {
    const words = `cannot remove container ${config.id} as it is ${state.status} - running or paused containers cannot be removed without force`;
    throw new TspodError('CONTAINER_STATE', `${words}: container state improper`);
  }
  if (activeSessions(rt, config.id).length === 0) return;
  const words = `cannot remove container ${config.id} as it has active exec sessions`;
  throw new TspodError('CONTAINER_STATE', `${words}: container state improper`);
}

function infraStays({ config }: Container): TspodError {
  const words = `container ${config.id} is the infra container of pod ${config.pod}`;
  return new TspodError('BAD_ARGUMENT', `${words} and cannot be removed without removing the pod`);
}

function hasDependants(id: string, dependants: string[]): TspodError {
  const words = `container ${id} has dependent containers which must be removed before it: ${dependants.join(', ')}`;
  return new TspodError('BAD_ARGUMENT', `${words}: container already exists`);
}

function startedAgain({ config, state }: Container): TspodError {
  const words = `cannot remove container ${config.id} as it is ${state.status} - it was started again meanwhile`;
  return new TspodError('CONTAINER_STATE', `${words}: container state improper`);
}
