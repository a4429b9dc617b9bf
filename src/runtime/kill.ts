import { TspodError } from '../errors.ts';
import { waitExit } from '../system/proc.ts';
import { attend } from './attended.ts';
import { isActive } from './container-state.ts';
import type { RuntimeContext } from './context.ts';
import { containerEvent } from './events.ts';
import { withContainer } from './locks.ts';
import { signalContainer } from './oci-runtime.ts';
import { refresh } from './settle.ts';
import { noSuchContainer } from './state.ts';
import { killFrozen, settleNow } from './stop.ts';

const sigkill = 9;

/** Sends a signal. After SIGKILL it waits for the end and cleans up. CONTAINER_STATE when it does not run. */
export async function killContainer(rt: RuntimeContext, id: string, signal: number): Promise<void> {
  const attendance = signal === sigkill ? attend(rt, id) : null;
  try {
    const pid = await send(rt, id, signal);
    if (signal !== sigkill) return;
    await waitExit(pid);
    await settleNow(rt, id);
  } finally {
    attendance?.release();
  }
}

/** Returns the host pid that was signalled. */
function send(rt: RuntimeContext, id: string, signal: number): Promise<number> {
  return withContainer(rt, id, async (found, lock) => {
    const container = await refresh(rt, found, lock);
    if (!container) throw noSuchContainer(id);
    const { status, pid } = container.state;
    if (!isActive(status)) throw notRunning(id, status);
    // Before the signal: its end may come at once, and must not look like one to restart after.
    rt.state.saveState(id, { ...container.state, stoppedByUser: true });
    if (status === 'paused' && signal === sigkill) killFrozen(rt, container);
    else signalContainer(rt, container, signal);
    containerEvent(rt, container.config, 'kill');
    return pid;
  });
}

function notRunning(id: string, status: string): TspodError {
  const words = `can only kill running containers. ${id} is in state ${status}: container state improper`;
  return new TspodError('CONTAINER_STATE', words);
}
