/** The built tspod as a process, on a store of its own. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ExecOptions, exec, must, type Result } from './exec.ts';

export const binary = resolve(import.meta.dirname, '../../bin/tspod');

export interface TestEngine {
  /** Everything of this engine lives below here. */
  dir: string;
  root: string;
  runroot: string;
  env: Record<string, string>;
  globals: string[];
  /** Runs `tspod ARGS` on this store. */
  tspod(...args: string[]): Promise<Result>;
  run(args: string[], options?: ExecOptions): Promise<Result>;
  /** Like tspod, but fails the test on a non-zero status; returns standard output without its last newline. */
  ok(...args: string[]): Promise<string>;
  /** Ends all containers, undoes all mounts, deletes the folder. */
  cleanup(): Promise<void>;
}

export interface TestEngineOptions {
  /** Text of registries.conf; by default nothing is configured. */
  registries?: string;
  containersConf?: string;
  env?: Record<string, string>;
}

export function newEngine(options: TestEngineOptions = {}): TestEngine {
  const dir = mkdtempSync(join(tmpdir(), 'tspod-test-'));
  const [root, runroot, conf] = [join(dir, 'root'), join(dir, 'runroot'), join(dir, 'conf')];
  mkdirSync(join(conf, 'networks'), { recursive: true });
  writeFileSync(join(conf, 'registries.conf'), options.registries ?? '');
  writeFileSync(join(conf, 'containers.conf'), options.containersConf ?? '');
  writeFileSync(join(conf, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
  const env = {
    CONTAINERS_REGISTRIES_CONF: join(conf, 'registries.conf'),
    CONTAINERS_CONF: join(conf, 'containers.conf'),
    CONTAINERS_POLICY_JSON: join(conf, 'policy.json'),
    REGISTRY_AUTH_FILE: join(conf, 'auth.json'),
    ...options.env,
  };
  const globals = ['--root', root, '--runroot', runroot, '--network-config-dir', join(conf, 'networks')];
  const run = (args: string[], execOptions: ExecOptions = {}) =>
    exec(binary, [...globals, ...args], { ...execOptions, env: { ...env, ...execOptions.env } });
  const ok = async (...args: string[]) => {
    const result = await run(args);
    if (result.exitCode !== 0) throw new Error(`tspod ${args.join(' ')}: status ${result.exitCode}: ${result.stderr}`);
    return result.stdout.replace(/\n$/, '');
  };
  const cleanup = async () => {
    await run(['rm', '--all', '--force', '--time', '0']);
    await removeTree(dir);
  };
  return { dir, root, runroot, env, globals, tspod: (...args) => run(args), run, ok, cleanup };
}

/** Unmounts everything below a folder, then deletes it without crossing into another file system. */
export async function removeTree(dir: string): Promise<void> {
  for (const target of mountsBelow(dir)) await must('umount', ['-l', target]);
  await must('rm', ['-rf', '--one-file-system', dir]);
  rmSync(dir, { recursive: true, force: true });
}

/** Mount points below a folder, deepest first. */
export function mountsBelow(dir: string): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  const targets = lines.map((line) => (line.split(' ')[4] ?? '').replace(/\\040/g, ' '));
  return targets.filter((target) => target === dir || target.startsWith(`${dir}/`)).reverse();
}

/** registries.conf text in which docker.io is mirrored by the test registry, so that `nginx` means what users mean. */
export function mirrorOf(registry: string): string {
  return `unqualified-search-registries = ["docker.io"]

[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "${registry}"
insecure = true

[[registry]]
location = "${registry}"
insecure = true
`;
}
