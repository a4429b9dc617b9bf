import { TspodError } from '../errors.ts';
import { isAlive, waitExit } from '../system/proc.ts';
import { attend } from './attended.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { exitCodeLost } from './ending.ts';
import { containerEvent } from './events.ts';
import { withContainer } from './locks.ts';
import { callRuntime, signalContainer } from './oci-runtime.ts';
import { processLives, refresh } from './settle.ts';
import { signalName } from './signals.ts';

export interface StopOptions {
  /** Seconds until SIGKILL, 0 at once; the container's own --stop-timeout when left out. */
  timeout?: number | undefined;
  /** False: a restart policy may start it again (`stop --service`). */
  byUser?: boolean;
  /** Also ends a paused container. */
  force?: boolean;
  /** Receives `StopSignal SIGTERM failed to stop …` and so on. */
  warn?: (message: string) => void;
}

/** What `stop` found. */
export type StopResult = 'stopped' | 'not running';

const sigkill = 9;
/** Milliseconds after SIGKILL before giving up. */
const killPatience = 5000;

/**
 * Stops a container and cleans up after it; with --rm it is removed. Other commands can get at the container while
 * its process is given time to end: the lock is free meanwhile, and the state is `stopping`.
 */
export async function stopContainer(rt: RuntimeContext, id: string, options: StopOptions = {}): Promise<StopResult> {
  const container = await announce(rt, id, options);
  if (!container) return 'not running';
  const attendance = attend(rt, id);
  try {
    await end(rt, container, options);
    containerEvent(rt, container.config, 'stop');
    await settleNow(rt, id);
  } finally {
    attendance?.release();
  }
  checkExitCode(rt, id);
  return 'stopped';
}

/** MONITOR_FAILED when the container ended but its monitor had been killed. */
function checkExitCode(rt: RuntimeContext, id: string): void {
  if (rt.state.get(id)?.state.error !== exitCodeLost) return;
  const words = `container ${id} conmon exited prematurely, exit code could not be retrieved: conmon process killed`;
  throw new TspodError('MONITOR_FAILED', words);
}

/** Settles a container whose process has just ended; that it is gone altogether is fine. */
export async function settleNow(rt: RuntimeContext, id: string): Promise<void> {
  if (rt.state.get(id) === null) return;
  try {
    await withContainer(rt, id, (container, lock) => refresh(rt, container, lock));
  } catch (error) {
    if (!(error instanceof TspodError) || error.code !== 'NO_SUCH_CONTAINER') throw error;
  }
}

/** Writes down that it is to stop, so that no restart policy interferes. Null: nothing to stop. */
function announce(rt: RuntimeContext, id: string, options: StopOptions): Promise<Container | null> {
  return withContainer(rt, id, async (found, lock) => {
    const container = await refresh(rt, found, lock);
    if (!container) return null;
    const { config, state } = container;
    const stoppedByUser = state.stoppedByUser || options.byUser !== false;
    if (state.status === 'paused' && !options.force) throw refused(id);
    if (!processLives(state)) {
      if (state.status === 'exited') rt.state.saveState(id, { ...state, stoppedByUser });
      return null;
    }
    const stopping: Container = { config, state: { ...state, status: 'stopping', stoppedByUser } };
    rt.state.saveState(id, stopping.state);
    if (state.status === 'paused') killFrozen(rt, container);
    return stopping;
  });
}

/** Ends a paused container: a frozen process takes a signal only once it thaws. */
export function killFrozen(rt: RuntimeContext, container: Container): void {
  signalContainer(rt, container, sigkill);
  callRuntime(rt, container.config, 'resume');
}

async function end(rt: RuntimeContext, container: Container, options: StopOptions): Promise<void> {
  const { config } = container;
  const timeout = options.timeout ?? config.stopTimeout;
  if (timeout > 0) {
    if (!signalContainer(rt, container, config.stopSignal)) return;
    if (await endedWithin(container, timeout * 1000)) return;
    const words = `StopSignal ${signalName(config.stopSignal)} failed to stop container ${config.name} in ${timeout} seconds, resorting to SIGKILL`;
    options.warn?.(words);
  }
  signalContainer(rt, container, sigkill);
  if (await endedWithin(container, killPatience)) return;
  throw new TspodError(
    'SYSTEM',
    `given PID did not die within timeout: container ${config.id}, PID ${container.state.pid}`,
  );
}

async function endedWithin({ state }: Container, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(milliseconds, 2 ** 31 - 1));
  });
  await Promise.race([waitExit(state.pid), late]);
  clearTimeout(timer);
  return !isAlive(state.pid, state.pidStartTime);
}

function refused(id: string): TspodError {
  return new TspodError(
    'CONTAINER_STATE',
    `container ${id} is running or paused, refusing to clean up: container state improper`,
  );
}
