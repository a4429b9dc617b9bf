/** Times whole processes in turns: A B A B …, so that both sides see the same drift of the machine. */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { run } from '../src/system/spawn.ts';

export interface Command {
  /** A function is asked before each run: for calls that need a store of their own. */
  argv: string[] | (() => string[]);
  env?: Record<string, string>;
  /** Runs before each timed run, not timed: for example, removes what the last run pulled. */
  before?: () => Promise<void>;
  after?: () => Promise<void>;
}

/**
 * Milliseconds of rest before each timed run: what a call leaves running behind its back (Podman's cleanup takes 50) is
 * not charged to the other side.
 */
const rest = 200;

/** Milliseconds of each counted run, per command. */
export async function inTurns(commands: Command[], runs: number, warmups = 1): Promise<number[][]> {
  const times: number[][] = commands.map(() => []);
  for (let round = -warmups; round < runs; round++) {
    for (const [index, command] of commands.entries()) {
      await command.before?.();
      await sleep(rest);
      const elapsed = timeOnce(command);
      await command.after?.();
      if (round >= 0) times[index]?.push(elapsed);
    }
  }
  return times;
}

/** By vfork, and without an event loop in between: a fork of this process would add milliseconds to both sides. */
function timeOnce(command: Command): number {
  const argv = typeof command.argv === 'function' ? command.argv() : command.argv;
  const [file = '', ...args] = argv;
  const env = { ...process.env, ...command.env };
  const start = process.hrtime.bigint();
  const { status, stdout, stderr } = run({ file, args, env });
  const elapsed = Number(process.hrtime.bigint() - start) / 1e6;
  if (status !== 0) throw new Error(`${argv.join(' ')}: status ${status}: ${(stdout + stderr).slice(-600)}`);
  return elapsed;
}

/** Runs something that is not timed. @throws Error when it fails */
export async function mustRun(command: Command & { argv: string[] }): Promise<void> {
  const { status, output } = await runQuiet(command);
  if (status !== 0) throw new Error(`${command.argv.join(' ')}: status ${status}: ${output.slice(-600)}`);
}

/** Most memory (resident set) that the process itself ever had, in kB. */
export async function peakMemory({ argv, env }: Command & { argv: string[] }): Promise<number> {
  const [file = '', ...args] = argv;
  const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  const ended = new Promise((resolve) => child.on('close', resolve));
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, highWater(child.pid));
  }, 20);
  await ended;
  clearInterval(timer);
  return peak;
}

function highWater(pid: number | undefined): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it has ended
  }
}

export function runQuiet({
  argv,
  env,
}: Command & { argv: string[] }): Promise<{ status: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const [file = '', ...args] = argv;
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => {
      if (output.length < 1e6) output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low = Number.NaN, high = Number.NaN] = [sorted[sorted.length % 2 ? middle : middle - 1], sorted[middle]];
  return (low + high) / 2;
}
