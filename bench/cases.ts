/** What is measured. Each case gives one command per engine; targets are ratios to Podman. */
import { rmSync } from 'node:fs';
import { type Registry, startRegistry } from '../test/helpers/registry.ts';
import type { BenchEngine } from './engines.ts';
import { type Command, mustRun } from './measure.ts';

export interface Case {
  name: string;
  /** The ratio to reach, as medians. */
  target: number;
  runs: number;
  command(engine: BenchEngine): Command;
}

const simple =
  (...args: string[]) =>
  (engine: BenchEngine): Command => ({ argv: engine.argv(...args), env: engine.env });

/** Always into a new store: ext4 is slow for half a minute to reuse the inodes of what was just deleted. */
const pull =
  (image: string) =>
  (engine: BenchEngine): Command => ({ argv: () => engine.fresh('pull', '-q', image), env: engine.env });

/** To a registry that nobody knows: neither engine may find out that it has the blobs. */
const push =
  (image: string) =>
  (engine: BenchEngine): Command => {
    let registry: Registry | undefined;
    return {
      argv: () => engine.argv('push', '-q', '--tls-verify=false', image, `docker://${registry?.host}/bench/${image}:1`),
      env: engine.env,
      before: async () => {
        registry = await startRegistry();
      },
      after: async () => registry?.stop(),
    };
  };

const save =
  (image: string) =>
  (engine: BenchEngine): Command => {
    const file = `${engine.home}/saved.tar`;
    const remove = async () => rmSync(file, { force: true });
    return { argv: engine.argv('save', '-q', '-o', file, image), env: engine.env, before: remove, after: remove };
  };

const load =
  (image: string) =>
  (engine: BenchEngine): Command => ({
    argv: () => engine.fresh('load', '-q', '-i', engine.archive(image)),
    env: engine.env,
  });

const removePulled =
  (image: string) =>
  (engine: BenchEngine): Command => {
    const at = (...args: string[]) => engine.argv(...args).map((word) => word.replace('/main/', `/removed${runs}/`));
    let runs = 0;
    return {
      argv: () => at('rmi', image),
      env: engine.env,
      before: async () => {
        runs += 1;
        await mustRun({ argv: at('pull', '-q', image), env: engine.env });
      },
    };
  };

const atOnce =
  (count: number) =>
  (engine: BenchEngine): Command => {
    const call = engine
      .argv('run', '--rm', '--network', 'none', 'busybox', 'true')
      .map((word) => `'${word}'`)
      .join(' ');
    const script = `for i in $(seq ${count}); do ${call} & pids="$pids $!"; done; for p in $pids; do wait $p || exit 1; done`;
    return { argv: ['sh', '-c', script], env: engine.env };
  };

const createMany =
  (count: number) =>
  (engine: BenchEngine): Command => {
    const call = engine
      .argv('create', 'busybox', 'true')
      .map((word) => `'${word}'`)
      .join(' ');
    const script = `for i in $(seq ${count}); do ${call} || exit 1; done`;
    return { argv: ['sh', '-c', script], env: engine.env, after: removeCreated(engine) };
  };

const removeCreated = (engine: BenchEngine) => async () => {
  const ids = (await engine.must('ps', '-aq', '--filter', 'status=created')).trim().split('\n').filter(Boolean);
  if (ids.length > 0) await engine.must('rm', '-f', ...ids);
};

/** Cases that need ten idle containers `idle0` … `idle9` and `busybox` in the store. */
export const cases: Case[] = [
  { name: 'version', target: 0.9, runs: 15, command: simple('version') },
  { name: 'ps', target: 0.9, runs: 15, command: simple('ps') },
  { name: 'images', target: 0.9, runs: 15, command: simple('images') },
  { name: 'inspect', target: 0.9, runs: 15, command: simple('inspect', 'idle0') },
  {
    name: 'run --rm --network none true',
    target: 0.5,
    runs: 15,
    command: simple('run', '--rm', '--network', 'none', 'busybox', 'true'),
  },
  { name: 'run --rm true (bridge)', target: 0.4, runs: 11, command: simple('run', '--rm', 'busybox', 'true') },
  { name: 'exec true', target: 0.45, runs: 11, command: simple('exec', 'idle0', 'true') },
  { name: '20 run --rm at once', target: 0.6, runs: 3, command: atOnce(20) },
  { name: 'create, 20 in a row', target: 0.6, runs: 3, command: createMany(20) },
  { name: 'logs of 200 MB', target: 0.2, runs: 3, command: simple('logs', 'talker') },
  { name: 'pull 0.7 GB, 11 000 files', target: 0.45, runs: 3, command: pull('large') },
  { name: 'pull 0.5 GB, 20 000 files', target: 0.45, runs: 3, command: pull('many') },
  { name: 'pull both layers', target: 0.4, runs: 3, command: pull('both') },
  { name: 'pull 120 tiny layers', target: 0.15, runs: 3, command: pull('tiny') },
  { name: 'push 0.7 GB, 11 000 files', target: 0.5, runs: 3, command: push('large') },
  { name: 'save 0.7 GB, 11 000 files', target: 0.6, runs: 3, command: save('large') },
  { name: 'load 0.7 GB, 11 000 files', target: 0.6, runs: 3, command: load('large') },
  { name: 'rmi of both layers', target: 0.7, runs: 3, command: removePulled('both') },
];
