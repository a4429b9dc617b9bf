import { TspodError } from '../errors.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { readEnding } from './ending.ts';
import { type ContainerLock, withContainer } from './locks.ts';
import { podAfterExit } from './pod-exit.ts';
import { processLives, refresh } from './settle.ts';
import { startLocked } from './start.ts';

/**
 * What the monitor's exit command does: settles a container that ended, then applies its restart policy. Doing it
 * twice, or after somebody else did, changes nothing. CONTAINER_STATE when the container runs.
 */
export async function cleanupContainer(rt: RuntimeContext, id: string): Promise<void> {
  const done = await withContainer(rt, id, async (found, lock) => {
    if (processLives(found.state)) throw running(id);
    const ended = found.state.status === 'running' || found.state.status === 'paused';
    const again = ended && shouldRestart(rt, found);
    const container = await refresh(rt, found, lock);
    if (!container || !again) return found;
    await restart(rt, container, lock);
    return null;
  });
  if (done) await podAfterExit(rt, done);
}

/** Whether the policy wants it again; asked while the state is still that of the run. */
function shouldRestart(rt: RuntimeContext, { config, state }: Container): boolean {
  if (state.stoppedByUser) return false;
  const { name, maximumRetryCount } = config.restart;
  if (name === 'always' || name === 'unless-stopped') return true;
  if (name !== 'on-failure') return false;
  const failed = (readEnding(rt, config.id)?.exitCode ?? -1) !== 0;
  return failed && (maximumRetryCount === 0 || state.restartCount < maximumRetryCount);
}

async function restart(rt: RuntimeContext, container: Container, lock: ContainerLock): Promise<void> {
  await startLocked(rt, container, lock, { restart: true });
}

function running(id: string): TspodError {
  const words = `container ${id} is running or paused, refusing to clean up: container state improper`;
  return new TspodError('CONTAINER_STATE', words);
}
