/** Runs a program and returns its whole result; throws only when asked to. */
import { spawn } from 'node:child_process';

export interface Result {
  stdout: string;
  stderr: string;
  exitCode: number;
}

export interface ExecOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
  input?: string | Uint8Array;
  /** Milliseconds until the process is killed: a hang ends as a failure, not as a stuck suite. */
  timeout?: number;
}

export function exec(file: string, args: string[], options: ExecOptions = {}): Promise<Result> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd: options.cwd,
      env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeout ?? 60_000);
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(options.input ?? '');
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const exitCode = code ?? (signal ? 1000 : -1);
      resolve({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), exitCode });
    });
  });
}

/** Like exec, but a non-zero status is an error that carries what the program said. */
export async function must(file: string, args: string[], options: ExecOptions = {}): Promise<string> {
  const result = await exec(file, args, options);
  if (result.exitCode !== 0) throw new Error(`${file} ${args.join(' ')}: status ${result.exitCode}: ${result.stderr}`);
  return result.stdout;
}
