/** The two engines under measurement, each on a store of its own below one temporary folder. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { median, runQuiet } from './measure.ts';

export interface BenchEngine {
  name: 'tspod' | 'podman';
  version: string;
  /** argv of a call: program, global options, the given arguments. */
  argv(...args: string[]): string[];
  /** The same on a store that nobody has used. */
  fresh(...args: string[]): string[];
  env: Record<string, string>;
  must(...args: string[]): Promise<string>;
  /** Its own folder. */
  home: string;
  /** The docker-archive of an image, which both engines load. */
  archive(image: string): string;
  cleanup(): Promise<void>;
}

export function makeEngine(name: 'tspod' | 'podman', program: string, dir: string, registry: string): BenchEngine {
  const home = join(dir, name);
  mkdirSync(join(home, 'networks'), { recursive: true });
  const run = runFolder(dir, name);
  const env = configuration(home, registry);
  const on = (store: string, args: string[]) => {
    const globals = ['--root', join(home, store, 'root'), '--runroot', join(run, store)];
    globals.push('--network-config-dir', join(home, 'networks'));
    if (name === 'podman') globals.push('--storage-driver', 'overlay', '--tmpdir', join(run, `${store}-tmp`));
    return [program, ...globals, ...args];
  };
  const argv = (...args: string[]) => on('main', args);
  let stores = 0;
  const fresh = (...args: string[]) => on(`fresh${stores++}`, args);
  const must = async (...args: string[]) => {
    const { status, output } = await runQuiet({ argv: argv(...args), env });
    if (status !== 0) throw new Error(`${name} ${args.join(' ')}: status ${status}: ${output}`);
    return output;
  };
  const cleanup = async () => {
    await runQuiet({ argv: argv('rm', '--all', '--force', '--time', '0'), env });
    for (const folder of [home, run]) {
      for (const target of mountsBelow(folder)) execFileSync('umount', ['-l', target]);
      // What Podman leaves running may still write there.
      rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 });
    }
  };
  const version = execFileSync(program, ['--version'], { env: { ...process.env, ...env }, encoding: 'utf8' }).trim();
  const archive = (image: string) => join(dir, `${image}.tar`);
  return { name, version, argv, fresh, env, must, home, archive, cleanup };
}

/** Where the runroots are on a machine: in /run, which is a tmpfs. */
function runFolder(dir: string, name: string): string {
  const folder = join('/run', basename(dir), name);
  mkdirSync(folder, { recursive: true });
  return folder;
}

function configuration(home: string, registry: string): Record<string, string> {
  writeFileSync(
    join(home, 'registries.conf'),
    `unqualified-search-registries = ["docker.io"]\n[[registry]]\nlocation = "docker.io"\n[[registry.mirror]]\nlocation = "${registry}"\ninsecure = true\n`,
  );
  writeFileSync(join(home, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
  const nofile = /Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '1024';
  writeFileSync(
    join(home, 'containers.conf'),
    `[containers]\ndefault_ulimits = ["nofile=${nofile}:${nofile}", "nproc=4096:4096"]\n`,
  );
  return {
    CONTAINERS_REGISTRIES_CONF: join(home, 'registries.conf'),
    CONTAINERS_CONF: join(home, 'containers.conf'),
    CONTAINERS_POLICY_JSON: join(home, 'policy.json'),
    PODMAN_IGNORE_CGROUPSV1_WARNING: '1',
  };
}

function mountsBelow(dir: string): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trim().split('\n');
  return lines
    .map((line) => line.split(' ')[4] ?? '')
    .filter((target) => target.startsWith(`${dir}/`))
    .reverse();
}

/** Proportional set size in kB of the monitors of these containers: what each keeps in memory while it waits. */
export async function monitorPss(engine: BenchEngine, names: string[]): Promise<number> {
  const pids = await Promise.all(names.map((name) => engine.must('inspect', '--format', '{{.State.ConmonPid}}', name)));
  return median(pids.map((pid) => pssOf(pid.trim())));
}

function pssOf(pid: string): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]);
}

export const tspodProgram = resolve(import.meta.dirname, '../bin/tspod');
