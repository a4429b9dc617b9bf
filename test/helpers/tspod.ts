/** The built tspod as a process, on a store of its own. */
import { execFileSync } from 'node:child_process';
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
  /** Like ok, but always in the network of the test runner, where the registry is. */
  pull(...args: string[]): Promise<string>;
  /** argv that runs a program where this engine's published ports are reachable. */
  inside(...argv: string[]): [string, string[]];
  /** Ends all containers, undoes all mounts, deletes the folder. */
  cleanup(): Promise<void>;
}

export interface TestEngineOptions {
  /** Text of registries.conf; by default nothing is configured. */
  registries?: string;
  containersConf?: string;
  env?: Record<string, string>;
  /** A network namespace of its own, so that bridges and ports of several tests never meet. */
  netns?: boolean;
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
  const netns = options.netns ? makeNetns() : null;
  const inside = (...argv: string[]): [string, string[]] =>
    netns ? ['nsenter', [`--net=/run/netns/${netns}`, ...argv]] : [argv[0] ?? '', argv.slice(1)];
  const run = (args: string[], execOptions: ExecOptions = {}) =>
    exec(...inside(binary, ...globals, ...args), { ...execOptions, env: { ...env, ...execOptions.env } });
  const ok = async (...args: string[]) => text(args, await run(args));
  const pull = async (...args: string[]) => text(args, await exec(binary, [...globals, 'pull', ...args], { env }));
  const cleanup = async () => {
    await run(['rm', '--all', '--force', '--time', '0']);
    await removeTree(dir);
    if (netns) await must('ip', ['netns', 'delete', netns]);
  };
  return { dir, root, runroot, env, globals, tspod: (...args) => run(args), run, ok, pull, inside, cleanup };
}

function text(args: string[], result: Result): string {
  if (result.exitCode !== 0) throw new Error(`tspod ${args.join(' ')}: status ${result.exitCode}: ${result.stderr}`);
  return result.stdout.replace(/\n$/, '');
}

let made = 0;

function makeNetns(): string {
  const name = `tspod-test-${process.pid}-${made++}`;
  execFileSync('ip', ['netns', 'add', name]);
  execFileSync('ip', ['-n', name, 'link', 'set', 'lo', 'up']);
  return name;
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
