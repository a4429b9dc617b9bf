import { TspodError } from '../errors.ts';
import type { RuntimeContext } from './context.ts';
import { startContainer } from './start.ts';
import { type StopOptions, stopContainer } from './stop.ts';

/** Stops a container that runs, and starts it in any case. CONTAINER_STATE when it is paused. */
export async function restartContainer(rt: RuntimeContext, id: string, options: StopOptions = {}): Promise<void> {
  if (rt.state.find(id).state.status === 'paused') {
    const words = 'unable to restart a container in a paused or unknown state: container state improper';
    throw new TspodError('CONTAINER_STATE', words);
  }
  await stopContainer(rt, id, options);
  await startContainer(rt, id);
}
