/**
 * What has to happen once the process of a container is gone: release what it held, record how it ended, and with
 * --rm forget it. Whoever notices first does it, under the lock of the container: the waiting command, the monitor's
 * exit command, `stop`, or any later command that finds it. Everything here may run twice.
 */
import { messageOf, TspodError } from '../errors.ts';
import { bootId, isAlive } from '../system/proc.ts';
import type { Container, ContainerState } from './container.ts';
import { isLive } from './container-state.ts';
import type { RuntimeContext } from './context.ts';
import { awaitEnding, type Ending } from './ending.ts';
import { containerEvent } from './events.ts';
import { forgetContainer } from './forget.ts';
import { type ContainerLock, hasStartMark } from './locks.ts';
import { networkDown } from './network-up.ts';
import { callRuntime, deleteMeanwhile, needsKillAll } from './oci-runtime.ts';
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
  if (lock.markedHere || !hasStartMark(rt, config.id)) return container;
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
  if (state.status !== 'initialized') containerEvent(rt, config, 'died', { ContainerExitCode: ending.exitCode });
  await release(rt, container);
  if (config.autoRemove) return forget(rt, settled);
  rt.state.transaction(() => {
    rt.state.saveState(config.id, settled.state);
    rt.state.recordExit(config.id, settled.state.exitCode);
  });
  return settled;
}

/**
 * Frees cgroup, network and mounts. Reports the first failure after everything was tried. The runtime is a process of
 * its own and takes the longest: the rest happens meanwhile.
 */
export async function release(rt: RuntimeContext, container: Container): Promise<void> {
  const { config } = container;
  endStragglers(rt, container);
  await all(
    named('removing from the OCI runtime', config.id, () => deleteMeanwhile(rt, config)),
    releaseHeld(rt, container),
  );
  containerEvent(rt, config, 'cleanup');
}

/** The part of `release` that is not the runtime's, and the layer of a container that is removed after its end. */
export async function releaseHeld(rt: RuntimeContext, container: Container): Promise<void> {
  const { config } = container;
  await all(
    named('removing the network of', config.id, () => networkDown(rt, container)),
    named('unmounting', config.id, () => {
      storageDown(rt, config);
      if (config.autoRemove && container.state.pid > 0) rt.store.deleteContainer(config.id);
    }),
  );
}

async function all(...steps: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(steps)).find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
}

async function named(verb: string, id: string, step: () => void | Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    throw new TspodError('SYSTEM', `${verb} container ${id}: ${messageOf(error)}`, { cause: error });
  }
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
