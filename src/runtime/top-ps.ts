/** ps(1) for `top` with flags of ps: the host's in the container's pid namespace, else the container's own. */
import { readFileSync } from 'node:fs';
import { hasErrno, TspodError } from '../errors.ts';
import { run } from '../system/spawn.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { runtimeFlags } from './oci-runtime.ts';

const sysPtrace = 19n;

/** The lines that ps printed. BAD_ARGUMENT with its words when it refuses its arguments. */
export function runPs(rt: RuntimeContext, container: Container, args: string[]): string[] {
  // A container that may trace could take over a program of the host that enters its pid namespace.
  const host = mayTrace(container.state.pid) ? null : hostPs(container.state.pid, args);
  return host ?? containerPs(rt, container, args);
}

function mayTrace(pid: number): boolean {
  try {
    const hex = /^CapEff:\s*(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${hex}`) & (1n << sysPtrace)) !== 0n;
  } catch {
    return true;
  }
}

/** Null when the host cannot do it: ps, nsenter or unshare is missing or not allowed. */
function hostPs(pid: number, args: string[]): string[] | null {
  const enter = [`--pid=/proc/${pid}/ns/pid`, 'unshare', '--mount', '--mount-proc', '--propagation', 'private'];
  // `exec` finds ps before anything of the container is reachable; 126 and 127 mean that ps itself did not run.
  const result = runOrNull('nsenter', [...enter, 'ps', ...args]);
  if (result === null || (result.status !== 0 && /^(nsenter|unshare):/m.test(result.stderr))) return null;
  return linesOf(result, 'ps(1) failed');
}

function containerPs(rt: RuntimeContext, { config }: Container, args: string[]): string[] {
  const result = runOrNull(config.runtime, [...runtimeFlags(rt, config), 'exec', config.id, 'ps', ...args]);
  if (result === null)
    throw new TspodError('RUNTIME_FAILED', `executing ps(1) in container: ${config.runtime} is missing`);
  return linesOf(result, 'executing ps(1) in container failed');
}

interface Result {
  status: number | null;
  stdout: string;
  stderr: string;
}

function runOrNull(file: string, args: string[]): Result | null {
  try {
    return run({ file, args, env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: process.env['HOME'] } });
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'EACCES')) return null;
    throw error;
  }
}

function linesOf({ status, stdout, stderr }: Result, failure: string): string[] {
  if (status === 0) return stdout.replace(/\n$/, '').split('\n');
  throw new TspodError('BAD_ARGUMENT', `${failure} with exit code ${status}: ${stderr.trim()}`);
}
