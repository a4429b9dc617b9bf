/** Calls of the OCI runtime (crun, runc) other than `create` and `exec`, which are the monitor's. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { isRootless } from '../config/rootless.ts';
import { hasErrno, TspodError } from '../errors.ts';
import { isAlive } from '../system/proc.ts';
import { launch, run, waitChild } from '../system/spawn.ts';
import type { Container, ContainerConfig } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { openNull } from './monitor/null-device.ts';

type Verb = 'start' | 'pause' | 'resume' | 'delete' | 'kill' | 'update';

interface CallOptions {
  /** Flags of the verb. */
  flags?: string[];
  /** What follows the id. */
  operands?: string[];
}

/** Runs `RUNTIME VERB FLAGS ID OPERANDS`. RUNTIME_FAILED with the runtime's own words. */
export function callRuntime(rt: RuntimeContext, config: ContainerConfig, verb: Verb, options: CallOptions = {}): void {
  const { flags = [], operands = [] } = options;
  const args = [...runtimeFlags(rt, config), verb, ...flags, config.id, ...operands];
  const { status, signal, stderr } = run({ file: config.runtime, args });
  if (status === 0) return;
  const words = lastMessage(stderr) || (status === null ? `killed by signal ${signal}` : `exit status ${status}`);
  throw new TspodError('RUNTIME_FAILED', `${basename(config.runtime)}: ${words}`);
}

/** Global flags of the runtime, for every call of it. */
export function runtimeFlags(rt: RuntimeContext, config: ContainerConfig): string[] {
  const configured = rt.conf.engine.runtimesFlags[basename(config.runtime)] ?? [];
  return [...configured, ...rt.globals.runtimeFlags].map((flag) => `--${flag}`);
}

/** Removes the container from the runtime: its cgroup and its folder below /run. Nothing to do is no error. */
export function deleteFromRuntime(rt: RuntimeContext, config: ContainerConfig): void {
  try {
    callRuntime(rt, config, 'delete', { flags: ['--force'] });
  } catch (error) {
    if (!(error instanceof TspodError) || runtimeKnows(config)) throw error;
  }
}

/** The same while the caller does something else: it takes the runtime some milliseconds. */
export async function deleteMeanwhile(rt: RuntimeContext, config: ContainerConfig): Promise<void> {
  if (isDeleted(rt, config)) return;
  const args = [...runtimeFlags(rt, config), 'delete', '--force', config.id];
  const nothing = openNull();
  const pid = launch({ file: config.runtime, args, fds: { 0: nothing, 1: nothing, 2: nothing } });
  const { status } = await waitChild(pid);
  // Once more, to hear why.
  if (status !== 0) deleteFromRuntime(rt, config);
}

/** The monitor had it deleted. Only of a runtime with its usual folder we can tell. */
function isDeleted(rt: RuntimeContext, config: ContainerConfig): boolean {
  const isUsual = ['crun', 'runc'].includes(basename(config.runtime)) && runtimeFlags(rt, config).length === 0;
  return isUsual && !rt.globals.conmon && !runtimeKnows(config);
}

/** Whether the runtime still has its folder for the container. */
function runtimeKnows(config: ContainerConfig): boolean {
  const folders = ['/run', ...(isRootless() ? [process.env['XDG_RUNTIME_DIR'] ?? '/run'] : [])];
  return folders.some((folder) => existsSync(`${folder}/${basename(config.runtime)}/${config.id}`));
}

/**
 * Sends a signal to the first process of the container, or to all of its processes when it has no pid namespace of
 * its own (then nothing else would end them). False when it is gone.
 */
export function signalContainer(rt: RuntimeContext, container: Container, signal: number): boolean {
  const { config, state } = container;
  if (!isAlive(state.pid, state.pidStartTime)) return false;
  if (needsKillAll(config)) {
    callRuntime(rt, config, 'kill', { flags: ['--all'], operands: [String(signal)] });
    return true;
  }
  try {
    process.kill(state.pid, signal);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ESRCH')) return false;
    throw new TspodError('SYSTEM', `sending signal to container ${config.id}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** Processes of a container in a foreign pid namespace outlive its first process. */
export function needsKillAll(config: ContainerConfig): boolean {
  return config.pid.mode !== 'private' && config.cgroupsMode !== 'disabled';
}

/** crun and runc print one line, with a time stamp and level or not; the last one says why. */
function lastMessage(stderr: string): string {
  const line = stderr.trim().split('\n').at(-1) ?? '';
  const json = /"msg"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(line)?.[1];
  return (json ?? /msg="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line).replace(/\\"/g, '"').trim();
}
