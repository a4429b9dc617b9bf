/** `healthcheck run`: asks the monitor for a check, so that there is one place that judges and writes down. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bundleDir } from '../../config/paths.ts';
import { hasErrno, TspodError } from '../../errors.ts';
import { type AttachSocket, connectAttach } from '../../system/seqpacket.ts';
import type { Container } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { current } from '../sync.ts';
import { actOnFailure } from './act.ts';
import { hasHealthcheck } from './paths.ts';

/** How one check went; `starting` is a failure before the start-up is over. */
export type HealthVerdict = 'healthy' | 'unhealthy' | 'starting' | 'stopped';

/**
 * Runs the health check of a container now, and does what --health-on-failure wants. CONTAINER_STATE when the
 * container does not run or has no check, TIMEOUT when the check took too long.
 */
export async function runHealthcheck(rt: RuntimeContext, container: Container): Promise<HealthVerdict> {
  const { id } = container.config;
  const now = await current(rt, container);
  if (now?.state.status !== 'running') throw improper(`container ${id} is not running`);
  if (!hasHealthcheck(now.config)) throw improper(`container ${id} has no defined healthcheck`);
  const { result, action } = await ask(await connect(rt, now));
  if (action === 'unhealthy' || action === 'startup') await actOnFailure(rt, id, action);
  if (result === 'timeout') {
    const seconds = (now.config.healthcheck?.Timeout ?? 0) / 1e9;
    throw improper(`healthcheck command exceeded timeout of ${seconds}s`);
  }
  if (result === 'error')
    throw new TspodError('MONITOR_FAILED', `container ${id}: the monitor could not run the check`);
  return result;
}

interface Reply {
  result: HealthVerdict | 'timeout' | 'error';
  action: string;
}

/** Milliseconds. */
const patience = 2000;

/** Just after the start the monitor may not listen yet. */
async function connect(rt: RuntimeContext, { config }: Container): Promise<AttachSocket> {
  const path = `${bundleDir(rt.paths, config.id)}/health`;
  for (const deadline = Date.now() + patience; ; await sleep(10)) {
    try {
      return connectAttach(path);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'ECONNREFUSED')) throw error;
      if (Date.now() < deadline) continue;
      const words = `container ${config.id}: its monitor makes no health checks`;
      throw new TspodError('MONITOR_FAILED', words, { hint: 'it is another program, or the container is ending' });
    }
  }
}

/** The end of the connection without an answer is the end of the container. */
async function ask(socket: AttachSocket): Promise<Reply> {
  let reply: Reply = { result: 'stopped', action: '' };
  socket.onPacket((_, data) => {
    reply = JSON.parse(data.toString('utf8')) as Reply;
    socket.close();
  });
  await socket.write(Buffer.from('run'));
  await socket.closed;
  return reply;
}

function improper(words: string): TspodError {
  return new TspodError('CONTAINER_STATE', words, { exitCode: 125 });
}
