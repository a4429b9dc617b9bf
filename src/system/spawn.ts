/** Programs, started by vfork: everything but the named fds is closed in them. */
import { closeSync } from 'node:fs';
import { check, type NativeRunResult, native } from './native.ts';
import { makePipe, readToEnd } from './pipe.ts';
import { waitExit } from './proc.ts';
import { watch, writable } from './watch.ts';

export interface LaunchOptions {
  /** Looked up in PATH when it has no slash. */
  file: string;
  args: readonly string[];
  /** Replaces the whole environment. */
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** A network namespace to enter before the program starts. */
  netns?: string;
  /** Number in the child to our fd. */
  fds?: Record<number, number>;
  /** Start a session of its own. */
  detached?: boolean;
}

export interface RunOptions extends LaunchOptions {
  input?: string | Uint8Array;
  /** Milliseconds, then SIGKILL. */
  timeoutMs?: number;
}

export interface ExitStatus {
  /** The exit code, or null if a signal ended it. */
  status: number | null;
  signal: number | null;
}

export interface RunResult extends ExitStatus {
  stdout: string;
  stderr: string;
}

/**
 * Runs a program to its end and blocks meanwhile: for programs that take milliseconds.
 * @throws an errno error (ENOENT, EACCES, ...) if it could not be started
 */
export function run(options: RunOptions): RunResult {
  const { input, timeoutMs = 0 } = options;
  const bytes = typeof input === 'string' ? Buffer.from(input) : (input ?? null);
  const result = check(native().run(...planOf(options), bytes, timeoutMs), 'spawn', options.file) as NativeRunResult;
  return { ...exitStatus(result.status), stdout: result.stdout, stderr: result.stderr };
}

/** The same as `run`, without blocking. */
export async function runAsync(options: RunOptions): Promise<RunResult> {
  const pipes = { in: makePipe(), out: makePipe(), err: makePipe() };
  let pid: number;
  try {
    pid = launch({ ...options, fds: { 0: pipes.in[0], 1: pipes.out[1], 2: pipes.err[1], ...options.fds } });
  } catch (error) {
    for (const fd of Object.values(pipes).flat()) closeSync(fd);
    throw error;
  }
  for (const fd of [pipes.in[0], pipes.out[1], pipes.err[1]]) closeSync(fd);
  const timer = options.timeoutMs ? setTimeout(() => process.kill(pid, 'SIGKILL'), options.timeoutMs) : undefined;
  const [stdout, stderr] = await Promise.all([
    drain(pipes.out[0]),
    drain(pipes.err[0]),
    feed(pipes.in[1], options.input ?? ''),
  ]);
  const status = await waitChild(pid);
  clearTimeout(timer);
  return { ...status, stdout, stderr };
}

/**
 * Starts a program and returns its pid. Fds 0-2 that `fds` does not name are inherited.
 * @throws an errno error if it could not be started: exec itself is included
 */
export function launch(options: LaunchOptions): number {
  return check(native().launch(...planOf(options)), 'spawn', options.file);
}

/** Waits in the event loop for a child that `launch` started. */
export async function waitChild(pid: number): Promise<ExitStatus> {
  await waitExit(pid);
  return exitStatus(check(native().wait(pid, true), 'waitpid'));
}

/** Waits for a child and blocks meanwhile. */
export function waitChildSync(pid: number): ExitStatus {
  return exitStatus(check(native().wait(pid, true), 'waitpid'));
}

type Plan = [string, string[], string[] | null, string | null, string | null, number[], boolean];

function planOf(options: LaunchOptions): Plan {
  const env = options.env === undefined ? null : environmentOf(options.env);
  const fds = Object.entries(options.fds ?? {}).flatMap(([to, from]) => [Number(to), from]);
  const { file, args, cwd = null, netns = null, detached = false } = options;
  return [file, [...args], env, cwd, netns, fds, detached];
}

function environmentOf(env: Record<string, string | undefined>): string[] {
  return Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]));
}

function exitStatus(raw: number): ExitStatus {
  const signal = raw & 0x7f;
  return signal === 0 ? { status: (raw >> 8) & 0xff, signal: null } : { status: null, signal };
}

async function drain(fd: number): Promise<string> {
  try {
    return (await readToEnd(fd)).toString('utf8');
  } finally {
    closeSync(fd);
  }
}

// A program that does not read its input ends the feeding, not the caller.
async function feed(fd: number, input: string | Uint8Array): Promise<void> {
  const bytes = typeof input === 'string' ? Buffer.from(input) : input;
  if (bytes.length > 0) await writeAll(fd, bytes);
  closeSync(fd);
}

function writeAll(fd: number, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    let offset = 0;
    const watched = watch(fd, () => {
      const n = native().write(fd, bytes, offset);
      if (n > 0) offset += n;
      if ((n >= 0 && offset < bytes.length) || n === -11 /* EAGAIN */) return;
      watched.close();
      resolve();
    });
    watched.events(writable);
  });
}
