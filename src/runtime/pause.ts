import { TspodError } from '../errors.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { containerEvent } from './events.ts';
import { withContainer } from './locks.ts';
import { callRuntime } from './oci-runtime.ts';
import { refresh } from './settle.ts';
import { noSuchContainer } from './state.ts';

/** Freezes all processes. CONTAINER_STATE when it does not run. */
export function pauseContainer(rt: RuntimeContext, id: string): Promise<void> {
  return change(rt, id, ({ config, state }) => {
    if (state.status === 'paused') throw improper(`"${id}" is already paused`);
    if (state.status !== 'running') throw improper(`"${state.status}" is not running, can't pause`);
    callRuntime(rt, config, 'pause');
    rt.state.saveState(id, { ...state, status: 'paused' });
    containerEvent(rt, config, 'pause');
  });
}

/** CONTAINER_STATE when it is not paused. */
export function unpauseContainer(rt: RuntimeContext, id: string): Promise<void> {
  return change(rt, id, ({ config, state }) => {
    if (state.status !== 'paused') throw improper(`"${id}" is not paused, can't unpause`);
    callRuntime(rt, config, 'resume');
    rt.state.saveState(id, { ...state, status: 'running' });
    containerEvent(rt, config, 'unpause');
  });
}

function change(rt: RuntimeContext, id: string, work: (container: Container) => void): Promise<void> {
  return withContainer(rt, id, async (found, lock) => {
    const container = await refresh(rt, found, lock);
    if (!container) throw noSuchContainer(id);
    work(container);
  });
}

function improper(words: string): TspodError {
  return new TspodError('CONTAINER_STATE', `${words}: container state improper`);
}
