import { bundleDir } from '../config/paths.ts';
import { hasErrno, TspodError } from '../errors.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { containerEvent } from './events.ts';
import { type AttachEnd, attach } from './monitor/attach.ts';
import type { AttachRequest } from './start.ts';
import { noSuchContainer } from './state.ts';
import { current } from './sync.ts';

/** Connects our streams to a running container until it ends or the user detaches. CONTAINER_STATE. */
export async function attachContainer(rt: RuntimeContext, id: string, request: AttachRequest): Promise<AttachEnd> {
  const found = rt.state.get(id);
  const container = found && (await current(rt, found));
  if (!container) throw noSuchContainer(id);
  checkAttachable(container);
  const { config, state } = container;
  const bundle = bundleDir(rt.paths, id);
  const { sigProxy, ...streams } = request;
  containerEvent(rt, config, 'attach');
  try {
    return await attach({
      socketPath: `${bundle}/attach`,
      ctlPath: `${bundle}/ctl`,
      ...streams,
      stdin: request.stdin && (config.stdin || config.terminal),
      tty: config.terminal,
      ...(sigProxy ? { sigProxy: (signal: number) => sendQuietly(state.pid, signal) } : {}),
    });
  } catch (error) {
    // It ended between our look at it and the connection.
    if (hasErrno(error, 'ENOENT', 'ECONNREFUSED')) throw notRunning(id);
    throw error;
  }
}

function checkAttachable({ config, state }: Container): void {
  if (state.status !== 'running' && state.status !== 'paused') throw notRunning(config.id);
  const { driver } = config.log;
  if (!driver.startsWith('passthrough')) return;
  const words = `this container is using the '${driver}' log driver, cannot attach: this container is not logging output`;
  throw new TspodError('CONTAINER_STATE', `attaching to container ${config.id}: ${words}`);
}

function notRunning(id: string): TspodError {
  return new TspodError('CONTAINER_STATE', `attaching to container ${id}: you can only attach to running containers`);
}

function sendQuietly(pid: number, signal: number): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!hasErrno(error, 'ESRCH')) throw error;
  }
}
