import { TspodError } from '../../errors.ts';
import type { RuntimeContext } from '../context.ts';
import { killContainer } from '../kill.ts';
import { startContainer } from '../start.ts';
import { stopContainer } from '../stop.ts';

/** Why something is to be done: too many failures of the usual check, or of the one of the start-up. */
export type HealthFailure = 'unhealthy' | 'startup';

const sigkill = 9;

/** What --health-on-failure wants; a failed start-up is tried again. A container that ended meanwhile is fine. */
export async function actOnFailure(rt: RuntimeContext, id: string, failure: HealthFailure): Promise<void> {
  const action = failure === 'startup' ? 'restart' : (rt.state.get(id)?.config.healthcheck?.onFailure ?? 'none');
  try {
    if (action === 'kill') await killContainer(rt, id, sigkill);
    if (action === 'stop' || action === 'restart') await stopContainer(rt, id);
    if (action === 'restart') await startContainer(rt, id, { restart: true });
  } catch (error) {
    const gone = error instanceof TspodError && ['NO_SUCH_CONTAINER', 'CONTAINER_STATE'].includes(error.code);
    if (!gone) throw error;
  }
}
