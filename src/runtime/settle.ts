/**
 * What has to happen once the process of a container is gone: release what it held, record how it ended, and with
 * --rm forget it. Whoever notices first does it, under the lock of the container: the waiting command, the monitor's
 * exit command, `stop`, or any later command that finds it. Everything here may run twice.
 */
import { TspodError } from '../errors.ts';
import { bootId, isAlive } from '../system/proc.ts';
import type { Container, ContainerState } from './container.ts';
import { isLive } from './container-state.ts';
import type { RuntimeContext } from './context.ts';
import { awaitEnding, type Ending } from './ending.ts';
import { forgetContainer } from './forget.ts';
import { type ContainerLock, hasStartMark } from './locks.ts';
import { networkDown } from './network-up.ts';
import { callRuntime, deleteFromRuntime, needsKillAll } from './oci-runtime.ts';
import { storageDown } from './storage-up.ts';

/**
 * Brings a container to what is true: one whose process is gone is settled, a start that was killed half way is
 * undone. Returns the container as it is now, or null when it was a --rm container that is removed by this.
 */
export async function refresh(
  rt: RuntimeContext,
  container: Container,
  lock: ContainerLock,
): Promise<Container | null> {
  const { config, state } = container;
  if (isLive(state.status)) {
    if (processLives(state)) return container;
    return settle(rt, container);
  }
  if (!hasStartMark(rt, config.id)) return container;
  await release(rt, container);
  if (config.autoRemove) return forget(rt, container);
  lock.clearMark();
  return container;
}

/** True while the first process of the container runs (in this boot). */
export function processLives(state: ContainerState): boolean {
  return state.pid > 0 && isAlive(state.pid, state.pidStartTime) && state.bootId === bootId();
}

/** For a container whose process is gone; needs the lock. As `refresh` otherwise. */
export async function settle(rt: RuntimeContext, container: Container): Promise<Container | null> {
  const { config, state } = container;
  const ending = await endingOf(rt, container);
  const settled: Container = { config, state: { ...state, ...ending, ...nothingHeld } };
  await release(rt, container);
  if (config.autoRemove) return forget(rt, settled);
  rt.state.transaction(() => {
    rt.state.saveState(config.id, settled.state);
    rt.state.recordExit(config.id, settled.state.exitCode);
  });
  return settled;
}

/** Frees cgroup, network and mounts. Reports the first failure after everything was tried. */
export async function release(rt: RuntimeContext, container: Container): Promise<void> {
  const { config } = container;
  const steps: [string, () => void | Promise<void>][] = [
    ['killing the processes of', () => endStragglers(rt, container)],
    ['removing the network of', () => networkDown(rt, container)],
    ['removing from the OCI runtime', () => deleteFromRuntime(rt, config)],
    ['unmounting', () => storageDown(rt, config)],
  ];
  let failure: TspodError | null = null;
  for (const [verb, step] of steps) {
    try {
      await step();
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      failure ??= new TspodError('SYSTEM', `${verb} container ${config.id}: ${words}`, { cause: error });
    }
  }
  if (failure) throw failure;
}

const nothingHeld = {
  status: 'exited',
  pid: 0,
  pidStartTime: 0,
  monitorPid: 0,
  mountpoint: '',
  netns: '',
  networks: {},
} as const;

/** After a reboot the exit files are gone and so is the truth: the exit code stays what it was, as in Podman. */
async function endingOf(rt: RuntimeContext, { config, state }: Container): Promise<Ending> {
  if (state.bootId === bootId()) return awaitEnding(rt, config.id, state);
  const { exitCode, finishedAt, oomKilled } = state;
  return { exitCode, finishedAt: finishedAt || state.startedAt, oomKilled };
}

function endStragglers(rt: RuntimeContext, { config }: Container): void {
  if (!needsKillAll(config)) return;
  try {
    callRuntime(rt, config, 'kill', { flags: ['--all'], operands: ['9'] });
  } catch {
    // Nothing left to kill: the runtime says so by failing.
  }
}

function forget(rt: RuntimeContext, container: Container): null {
  forgetContainer(rt, container, { volumes: true });
  return null;
}
