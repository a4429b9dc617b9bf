import { bundleDir } from '../config/paths.ts';
import { messageOf, TspodError } from '../errors.ts';
import { timestamp } from '../system/clock.ts';
import { type Attendance, attend } from './attended.ts';
import type { Container, ContainerConfig } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { containerEvent } from './events.ts';
import { type AttachedRun, waitAttached } from './finish.ts';
import { forgetContainer } from './forget.ts';
import { type Initialized, initContainer, type RunRequest } from './init.ts';
import { dependenciesOf } from './joined.ts';
import { type ContainerLock, withContainer } from './locks.ts';
import { type AttachEnd, attach } from './monitor/attach.ts';
import { SignalTarget } from './monitor/signal-target.ts';
import { callRuntime, deleteFromRuntime } from './oci-runtime.ts';
import { refresh, settle } from './settle.ts';
import { noSuchContainer } from './state.ts';
import { trace } from './trace.ts';

/** What a caller that stays with the container wants of it. */
export interface AttachRequest {
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  /** `ctrl-p,ctrl-q`; '' switches detaching off. */
  detachKeys: string;
  /** Signals of this process are passed on to the container. */
  sigProxy: boolean;
}

export interface StartOptions {
  attach?: AttachRequest;
  /** Counts as a restart by policy. */
  restart?: boolean;
  /** A container that runs already is left alone, and is no error. */
  unlessRunning?: boolean;
}

export interface Started {
  container: Container;
  /** With `unlessRunning`: there was nothing to do. */
  wasRunning?: boolean;
  /** With `attach`: the exit code once the container ended and was cleaned up, or 0 after detaching. */
  exitCode?: Promise<number>;
}

/**
 * Starts a created, initialized or ended container. With `attach` the streams are connected before its process runs,
 * so that nothing of its output is lost. CONTAINER_STATE when it runs already or is paused.
 */
export function startContainer(rt: RuntimeContext, id: string, options: StartOptions = {}): Promise<Started> {
  return withContainer(rt, id, async (found, lock) => {
    const container = await refresh(rt, found, lock);
    if (!container) throw noSuchContainer(id);
    if (options.unlessRunning && container.state.status === 'running') return { container, wasRunning: true };
    if (options.attach && container.state.status === 'running') return join(rt, container, options.attach);
    checkStartable(container);
    return startLocked(rt, container, lock, options);
  });
}

/** The same for a caller that has the lock and a container fit to start. */
export async function startLocked(
  rt: RuntimeContext,
  container: Container,
  lock: ContainerLock,
  options: StartOptions = {},
): Promise<Started> {
  trace('start');
  const attendance = options.attach && container.config.restart.name === 'no' ? attend(rt, container.config.id) : null;
  try {
    return await launch(rt, container, lock, { ...options, attendance });
  } catch (error) {
    attendance?.release();
    throw error;
  }
}

/** What this container joins runs first: the infra container of its pod, for example. */
async function startDependencies(rt: RuntimeContext, container: Container, lock: ContainerLock): Promise<void> {
  const { config, state } = container;
  try {
    for (const id of dependenciesOf(config)) {
      const status = rt.state.get(id)?.state.status;
      if (status !== 'running' && status !== 'paused') await startContainer(rt, id, { unlessRunning: true });
    }
  } catch (error) {
    if (config.autoRemove && state.status === 'created') forgetContainer(rt, container, { volumes: true });
    lock.clearMark();
    throw error;
  }
}

interface Launch extends StartOptions {
  attendance: Attendance | null;
}

async function launch(
  rt: RuntimeContext,
  container: Container,
  lock: ContainerLock,
  options: Launch,
): Promise<Started> {
  await startDependencies(rt, container, lock);
  const { config } = container;
  const { attach: request } = options;
  const process = new SignalTarget();
  let attached: Promise<AttachEnd> | null = null;
  const connect = () => {
    attached = request ? connectTo(rt, config, request, process) : null;
    trace('attached');
  };
  const ready = await readyToRun(rt, container, lock, { connect }).catch(async (error: unknown) => {
    await attached; // the terminal is as it was once the monitor is gone
    throw error;
  });
  if (!ready.runs) await startCreated(rt, ready.container, lock, connect);
  process.is(ready.container.state.pid);
  if (attached) containerEvent(rt, config, 'attach');
  trace('started');
  const running = asRunning(ready.container, options.restart === true);
  rt.state.saveState(config.id, running.state);
  lock.clearMark();
  containerEvent(rt, config, 'start');
  if (config.sdnotifySocket) await notifyStarted(rt, config);
  if (options.restart) containerEvent(rt, config, 'restart');
  if (!attached) return { container: running };
  const run: AttachedRun = {
    container: running,
    attached,
    ended: ready.monitor?.ended,
    attendance: options.attendance,
  };
  return { container: running, exitCode: waitAttached(rt, run) };
}

/** The monitor is the service's main process; with --sdnotify=conmon the service is ready now. */
async function notifyStarted(rt: RuntimeContext, { id, sdnotify }: ContainerConfig): Promise<void> {
  const { tellMonitor } = await import('./monitor/control.ts');
  await tellMonitor(`${bundleDir(rt.paths, id)}/ctl`, `4 ${sdnotify === 'conmon' ? 1 : 0} 0`);
}

/** The runtime has created it, and its process waits for `start`. */
async function startCreated(
  rt: RuntimeContext,
  container: Container,
  lock: ContainerLock,
  connect: () => void,
): Promise<void> {
  connect();
  try {
    callRuntime(rt, container.config, 'start');
  } catch (error) {
    await abandon(rt, container, lock, error);
    throw error;
  }
}

/** `start --attach` of a container that runs: its output from now on. */
function join(rt: RuntimeContext, container: Container, request: AttachRequest): Started {
  const process = new SignalTarget();
  process.is(container.state.pid);
  const attached = connectTo(rt, container.config, request, process);
  containerEvent(rt, container.config, 'attach');
  const exitCode = waitAttached(rt, { container, attached, ended: undefined, attendance: null });
  return { container, exitCode, wasRunning: true };
}

interface Ready {
  container: Container;
  monitor?: Initialized['monitor'];
  runs: boolean;
}

/** An initialized container has its monitor already. */
async function readyToRun(
  rt: RuntimeContext,
  container: Container,
  lock: ContainerLock,
  run: RunRequest,
): Promise<Ready> {
  const isReady = container.state.status === 'initialized';
  return isReady ? { container, runs: false } : initContainer(rt, container, lock, run);
}

function connectTo(
  rt: RuntimeContext,
  config: ContainerConfig,
  request: AttachRequest,
  process: SignalTarget,
): Promise<AttachEnd> {
  // The container has our own streams: there is nothing to connect, only an end to wait for.
  if (config.log.driver.startsWith('passthrough')) return Promise.resolve('ended');
  const bundle = bundleDir(rt.paths, config.id);
  return attach({
    socketPath: `${bundle}/attach`,
    ctlPath: `${bundle}/ctl`,
    stdin: request.stdin && config.stdin,
    stdout: request.stdout,
    stderr: request.stderr,
    tty: config.terminal,
    detachKeys: request.detachKeys,
    ...(request.sigProxy ? { sigProxy: (signal: number) => process.signal(signal) } : {}),
  });
}

function asRunning({ config, state }: Container, restart: boolean): Container {
  const restartCount = restart ? state.restartCount + 1 : 0;
  return { config, state: { ...state, status: 'running', startedAt: timestamp(), restartCount } };
}

/** `start` of the runtime failed: the waiting process has to go. */
async function abandon(rt: RuntimeContext, container: Container, lock: ContainerLock, error: unknown): Promise<void> {
  deleteFromRuntime(rt, container.config);
  await settle(rt, { config: container.config, state: { ...container.state, error: messageOf(error) } });
  lock.clearMark();
}

function checkStartable({ config, state }: Container): void {
  if (state.status === 'created' || state.status === 'initialized' || state.status === 'exited') return;
  if (state.status === 'running') {
    throw new TspodError('CONTAINER_STATE', `container ${config.id}: container is running`);
  }
  const words = `container ${config.id} must be in Created or Stopped state to be started`;
  throw new TspodError('CONTAINER_STATE', `${words}: container state improper`);
}
