import { TspodError } from '../errors.ts';
import type { RuntimeContext } from './context.ts';
import { initContainer } from './init.ts';
import { withContainer } from './locks.ts';
import { refresh } from './settle.ts';
import { noSuchContainer } from './state.ts';

/** `init`: everything that `start` does but the last step. CONTAINER_STATE when it was done or it runs. */
export function initializeContainer(rt: RuntimeContext, id: string): Promise<void> {
  return withContainer(rt, id, async (found, lock) => {
    const container = await refresh(rt, found, lock);
    if (!container) throw noSuchContainer(id);
    const { status } = container.state;
    if (status !== 'created' && status !== 'exited') {
      const words = `container ${id} has already been created in runtime: container state improper`;
      throw new TspodError('CONTAINER_STATE', words);
    }
    const initialized = await initContainer(rt, container, lock);
    rt.state.saveState(id, initialized.container.state);
    lock.clearMark();
  });
}
