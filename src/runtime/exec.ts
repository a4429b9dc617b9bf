/** Exec sessions: another process in a running container, under a monitor of its own. */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { bundleDir } from '../config/paths.ts';
import { TspodError } from '../errors.ts';
import { coolCgroups, warmCgroups } from '../system/cgroup-warm.ts';
import { startTime } from '../system/proc.ts';
import { randomBytes } from '../system/random.ts';
import { attend, attendedPath } from './attended.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { containerEvent } from './events.ts';
import { type ExecCommand, execProcess } from './exec-process.ts';
import type { ExecSession } from './exec-session.ts';
import { withContainer } from './locks.ts';
import { attach } from './monitor/attach.ts';
import { type ExecMonitor, startExecMonitor } from './monitor/exec.ts';
import { runtimeFlags } from './oci-runtime.ts';
import { removeFolder } from './remove-folder.ts';
import { refresh } from './settle.ts';
import { noSuchContainer } from './state.ts';
import { trace } from './trace.ts';

export interface ExecRequest extends ExecCommand {
  stdin?: boolean;
  /** '' switches detaching off. */
  detachKeys?: string;
  /** Numbers of our fds that the process gets under the same numbers. */
  preserveFds?: number[];
}

/**
 * Runs a command and stays with it. Returns its exit code, or 0 after detaching. CONTAINER_STATE when the container
 * does not run, COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, RUNTIME_FAILED.
 */
export async function execAttached(rt: RuntimeContext, id: string, request: ExecRequest): Promise<number> {
  warmCgroups();
  const { session, container } = await prepare(rt, id, request);
  const attendance = attend(rt, session.id);
  try {
    const monitor = await launch(rt, container, session, request);
    const folder = sessionDir(rt, session);
    const streams = attach({
      socketPath: monitor.attachSocketPath,
      ctlPath: `${folder}/ctl`,
      stdin: session.stdin,
      stdout: true,
      stderr: true,
      tty: session.terminal,
      detachKeys: session.detachKeys,
    });
    trace('exec attached');
    monitor.go();
    await noteRunning(rt, session, monitor);
    containerEvent(rt, container.config, 'exec');
    coolCgroups();
    const how = await streams;
    if (how === 'detached') {
      attendance?.release();
      return 0;
    }
    const exitCode = await monitor.exitCode;
    trace('exec ended');
    containerEvent(rt, container.config, 'exec_died', { ContainerExitCode: exitCode });
    forgetSession(rt, session);
    return exitCode;
  } catch (error) {
    forgetSession(rt, session);
    throw error;
  } finally {
    attendance?.release();
  }
}

/** Starts a command in the background and returns the id of its session once it runs. Errors as `execAttached`. */
export async function execDetached(rt: RuntimeContext, id: string, request: ExecRequest): Promise<string> {
  const { session, container } = await prepare(rt, id, request);
  try {
    const monitor = await launch(rt, container, session, request);
    monitor.go();
    await noteRunning(rt, session, monitor);
    containerEvent(rt, container.config, 'exec');
    return session.id;
  } catch (error) {
    forgetSession(rt, session);
    throw error;
  }
}

/** What the monitor's exit command does for a session: forgets it. One that is forgotten already is fine. */
export function cleanupExec(rt: RuntimeContext, id: string, containerId: string): void {
  if (!/^[0-9a-f]{64}$/.test(id)) {
    throw new TspodError('NO_SUCH_EXEC_SESSION', `no exec session with ID "${id}" found: no such exec session`);
  }
  const session = rt.state.exec.get(id);
  const container = session && rt.state.get(containerId);
  const exitCode = session && sessionExitCode(rt, session);
  if (container && exitCode !== null)
    containerEvent(rt, container.config, 'exec_died', { ContainerExitCode: exitCode });
  forgetSession(rt, { id, containerId });
}

async function prepare(rt: RuntimeContext, id: string, request: ExecRequest) {
  if (request.command.length === 0 || request.command[0] === '') {
    const words = 'must provide a non-empty command to start an exec session: invalid argument';
    throw new TspodError('BAD_ARGUMENT', words);
  }
  const container = await runningContainer(rt, id);
  const session = newSession(container, request);
  rt.state.exec.save(session);
  trace('exec session');
  return { container, session };
}

function runningContainer(rt: RuntimeContext, id: string): Promise<Container> {
  return withContainer(rt, id, async (found, lock) => {
    const container = await refresh(rt, found, lock);
    if (!container) throw noSuchContainer(id);
    if (container.state.status === 'running') return container;
    const words = 'can only create exec sessions on running containers: container state improper';
    throw new TspodError('CONTAINER_STATE', words);
  });
}

function newSession({ config }: Container, request: ExecRequest): ExecSession {
  return {
    id: randomBytes(32).toString('hex'),
    containerId: config.id,
    command: request.command,
    user: request.user ?? '',
    workDir: request.workDir ?? '',
    env: request.env ?? [],
    terminal: request.tty === true,
    stdin: request.stdin === true,
    privileged: request.privileged === true,
    detachKeys: request.detachKeys ?? '',
    pid: 0,
    pidStartTime: 0,
    running: false,
    exitCode: 0,
  };
}

async function launch(
  rt: RuntimeContext,
  container: Container,
  session: ExecSession,
  request: ExecRequest,
): Promise<ExecMonitor> {
  const { config } = container;
  const folder = sessionDir(rt, session);
  mkdirSync(`${folder}/exit`, { recursive: true, mode: 0o700 });
  mkdirSync(`${folder}/persist/${config.id}`, { recursive: true, mode: 0o700 });
  mkdirSync(`${rt.paths.tmpDir}/attended`, { recursive: true, mode: 0o700 });
  const processFile = `${folder}/exec-process.json`;
  writeFileSync(processFile, JSON.stringify(execProcess(rt, container, request)), { mode: 0o600 });
  return startExecMonitor({
    containerId: config.id,
    sessionId: session.id,
    name: config.name,
    bundle: folder,
    runtime: config.runtime,
    runtimeArgs: runtimeFlags(rt, config),
    processFile,
    pidFile: `${folder}/exec_pid`,
    exitDir: `${folder}/exit`,
    persistDir: `${folder}/persist/${config.id}`,
    terminal: session.terminal,
    stdin: session.stdin,
    exitCommand: [...rt.selfCommand, 'container', 'cleanup', '--exec', session.id, config.id],
    exitCommandLock: attendedPath(rt, session.id),
    preserveFds: request.preserveFds ?? [],
    env: process.env,
    ...(rt.globals.conmon ? { monitor: rt.globals.conmon } : {}),
  });
}

async function noteRunning(rt: RuntimeContext, session: ExecSession, monitor: ExecMonitor): Promise<void> {
  const pid = await monitor.pid;
  session.pid = pid;
  session.pidStartTime = startTime(pid) ?? 0;
  session.running = true;
  rt.state.exec.save(session);
  trace('exec running');
}

type SessionIds = Pick<ExecSession, 'id' | 'containerId'>;

function sessionDir(rt: RuntimeContext, session: SessionIds): string {
  return `${bundleDir(rt.paths, session.containerId)}/${session.id}`;
}

function forgetSession(rt: RuntimeContext, session: SessionIds): void {
  rt.state.exec.remove(session.id);
  removeFolder(sessionDir(rt, session));
  rmSync(attendedPath(rt, session.id), { force: true });
}

/** Exit code that the monitor recorded for a session, null while it runs. */
export function sessionExitCode(rt: RuntimeContext, session: ExecSession): number | null {
  try {
    return Number.parseInt(readFileSync(`${sessionDir(rt, session)}/exit/${session.containerId}`, 'latin1'), 10);
  } catch {
    return null;
  }
}
