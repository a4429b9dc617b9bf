/** Starting the monitor's process and reading what it reports. */
import { closeSync, existsSync } from 'node:fs';
import { devNull } from 'node:os';
import { hasErrno, messageOf, TspodError } from '../../errors.ts';
import { makePipe, makeSocketPair, readLine, readToEnd } from '../../system/pipe.ts';
import { launch, waitChildSync } from '../../system/spawn.ts';
import { runtimeError } from '../runtime-error.ts';
import { openNull } from './null-device.ts';

export interface HandshakeOptions {
  args: readonly string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  runtime: string;
  monitor?: string | undefined;
  /** How many numbers from 3 on are for fds that the monitor gets under the same number. */
  firstFds: number;
  /** Which of them it gets, when not all: the others may be files of this process that are nobody's business. */
  preserved?: readonly number[] | undefined;
  /** Our fds that it gets under any number. */
  extraFds?: readonly number[];
  /** An exec session has two pipes more. */
  session: boolean;
  /** The container gets our own streams. */
  passthrough?: boolean;
}

/** The pipes to a monitor that was started. All fds are ours to close. */
export interface Handshake {
  /** The process that detaches the monitor; it ends on its own. */
  pid: number;
  sync: number;
  start: number;
  attach: number;
  /** Text of the monitor's early errors. */
  errors: number;
  runtime: string;
}

type Pair = [ours: number, theirs: number];

/** Starts the monitor. MISSING_PROGRAM when it cannot be executed. */
export function startProcess(options: HandshakeOptions): Handshake {
  const sync = makeSocketPair('seqpacket') as Pair;
  const errors = makePipe() as Pair;
  const start = options.session ? ([...makePipe()].reverse() as Pair) : null;
  const attach = options.session ? (makeSocketPair('seqpacket') as Pair) : null;
  const theirs = [sync[1], errors[1], ...[start, attach].flatMap((pair) => (pair ? [pair[1]] : []))];
  try {
    const pid = spawn(options, sync[1], errors[1], start?.[1], attach?.[1]);
    const ours = { sync: sync[0], start: start?.[0] ?? -1, attach: attach?.[0] ?? -1, errors: errors[0] };
    return { pid, ...ours, runtime: options.runtime };
  } catch (error) {
    for (const fd of [sync[0], errors[0], start?.[0] ?? -1, attach?.[0] ?? -1]) if (fd >= 0) closeSync(fd);
    throw startFailure(error, options);
  } finally {
    for (const fd of theirs) closeSync(fd);
  }
}

function spawn(options: HandshakeOptions, sync: number, errors: number, start?: number, attach?: number): number {
  const fds: Record<number, number> = {};
  const nothing = openNull();
  Object.assign(fds, options.passthrough ? { 0: 0, 1: 1, 2: 2 } : { 0: nothing, 1: nothing, 2: errors });
  for (let fd = 3; fd < 3 + options.firstFds; fd++) if (options.preserved?.includes(fd) ?? true) fds[fd] = fd;
  let next = 3 + options.firstFds;
  const env: NodeJS.ProcessEnv = { ...options.env };
  const give = (fd: number, name?: string) => {
    if (name !== undefined) env[name] = String(next);
    fds[next++] = fd;
  };
  give(sync, '_OCI_SYNCPIPE');
  if (start !== undefined) give(start, '_OCI_STARTPIPE');
  if (attach !== undefined) give(attach, '_OCI_ATTACHPIPE');
  for (const fd of options.extraFds ?? []) give(fd);
  // As with Podman's: the container's own readiness messages go through the monitor, not to our service manager.
  delete env['NOTIFY_SOCKET'];
  return launch({ file: options.monitor ?? monitorPath(), args: options.args, cwd: options.cwd, env, fds });
}

function startFailure(error: unknown, { monitor }: HandshakeOptions): unknown {
  const path = monitor ?? monitorPath();
  if (!hasErrno(error, 'ENOENT', 'EACCES', 'ENOEXEC')) return error;
  return new TspodError('MISSING_PROGRAM', `starting the container monitor "${path}": ${messageOf(error)}`, {
    cause: error,
  });
}

/**
 * The next number the monitor reports. -1 and below become the runtime's error: COMMAND_NOT_FOUND,
 * COMMAND_NOT_EXECUTABLE, RUNTIME_FAILED. MONITOR_FAILED when it ended without a word.
 */
export async function nextNumber(handshake: Handshake, fd: number, isExitCode = false): Promise<number> {
  const line = await readLine(fd);
  if (line === null) throw await silentDeath(handshake);
  const { data, message } = parseReport(line);
  if (isExitCode) return data;
  if (data < 0) throw runtimeError(handshake.runtime, message);
  return data;
}

/** The exit code in what a container's monitor says after the pid: nothing, unless it cannot write its exit files. */
export function lateNumber(text: string): number | undefined {
  const line = text.split('\n')[0];
  return line ? parseReport(line).data : undefined;
}

function parseReport(line: string): { data: number; message: string } {
  try {
    const report = JSON.parse(line) as { data?: unknown; message?: unknown };
    if (typeof report.data === 'number') return { data: report.data, message: String(report.message ?? '') };
  } catch {
    // Falls through: the same error.
  }
  throw new TspodError('MONITOR_FAILED', `the container monitor sent "${line.slice(0, 200)}"`);
}

async function silentDeath(handshake: Handshake): Promise<TspodError> {
  const words = (await readToEnd(handshake.errors)).toString('utf8').trim();
  const last = words
    .split('\n')
    .at(-1)
    ?.replace(/^\[conmon:.\]: /, '');
  return new TspodError('MONITOR_FAILED', `the container monitor ended early${last ? `: ${last}` : ''}`);
}

/** Collects the intermediate process, after the first report: it ended by then. */
export function reapStarter({ pid }: Handshake): void {
  waitChildSync(pid);
}

/** build/Release/conmon of this package; src/runtime/monitor, dist/chunks and dist lie at different depths. */
export function monitorPath(): string {
  const depths = ['..', '../..', '../../..'].map((up) => `${import.meta.dirname}/${up}/build/Release/conmon`);
  return depths.find((path) => existsSync(path)) ?? depths[0] ?? devNull;
}
