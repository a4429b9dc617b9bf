import { spawnSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../helpers/leftovers.ts';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';
import { busyboxRoot } from './busybox.ts';

let engine: TestEngine;
let root: string;
let host: string;

beforeAll(async () => {
  engine = newEngine();
  root = busyboxRoot(engine.dir);
  host = `${engine.dir}/host`;
  mkdirSync(`${host}/tree/sub`, { recursive: true });
  writeFileSync(`${host}/file`, 'from the host\n');
  writeFileSync(`${host}/tree/sub/leaf`, 'leaf\n');
  const live = ['--network', 'none', '--rootfs', root, 'sleep', '1000'];
  await engine.ok('run', '-d', '--name', 'web', '--user', 'web', '--tmpfs', '/scratch', ...live);
  await engine.ok('create', '--name', 'still', '-v', 'vol:/data', '-v', `${host}/tree:/data/bound`, ...live);
}, 120_000);
afterAll(() => engine.cleanup());

const inWeb = (script: string) => engine.ok('exec', '--user', '0', 'web', 'sh', '-c', script);

test('a file goes into a running container, belongs to its user, and comes back', async () => {
  await engine.ok('cp', `${host}/file`, 'web:/tmp/copy');
  expect(statSync(`${root}/tmp/copy`).uid).toBe(33);
  await engine.ok('cp', 'web:/tmp/copy', `${host}/back`);
  expect(readFileSync(`${host}/back`, 'utf8')).toBe('from the host\n');
  expect(statSync(`${host}/back`).uid).toBe(process.getuid?.());
});

test('a tmpfs of a running container is written to, not the folder below it', async () => {
  await engine.ok('cp', `${host}/file`, 'web:/scratch');
  expect(await inWeb('cat /scratch/file')).toBe('from the host');
  expect(existsSync(`${root}/scratch/file`)).toBe(false);
});

test('the mounts of a stopped container are where they would be', async () => {
  await engine.ok('cp', `${host}/file`, 'still:/data');
  await engine.ok('cp', `${host}/file`, 'still:/data/bound/sub');
  const volume = await engine.ok('volume', 'inspect', 'vol', '--format', '{{.Mountpoint}}');
  expect(readdirSync(volume)).toEqual(['file']);
  expect(readFileSync(`${host}/tree/sub/file`, 'utf8')).toBe('from the host\n');
});

test('a folder is copied with its name, its content alone with /., and to a new name', async () => {
  await engine.ok('cp', `${host}/tree`, 'web:/tmp');
  await engine.ok('cp', `${host}/tree/.`, 'web:/tmp/new');
  await engine.ok('cp', `${host}/tree/.`, 'web:/www');
  for (const path of ['tmp/tree', 'tmp/new', 'www']) {
    expect(readFileSync(`${root}/${path}/sub/leaf`, 'utf8')).toBe('leaf\n');
  }
  await engine.ok('cp', 'web:/tmp/tree', 'still:/tmp/second');
  expect(readFileSync(`${root}/tmp/second/sub/leaf`, 'utf8')).toBe('leaf\n');
});

test('what cannot be is refused in the words of Podman', async () => {
  const refusals: [string[], string][] = [
    [[`${host}/none`, 'web:/tmp'], `"${host}/none" could not be found on the host: no such file or directory`],
    [['web:/tmp/*', host], '"/tmp/*" could not be found on container web: no such file or directory'],
    [[`${host}/file`, 'web:/none/'], '"/none/" could not be found on container web: no such file or directory'],
    [[host, 'web:/etc/passwd'], 'destination must be a directory when copying a directory'],
    [[host, 'nobody:/'], 'container "nobody" does not exist'],
    [['web:', host], `invalid arguments "web:", "${host}": you must specify paths`],
    [['web:/etc/passwd', '/dev/null'], 'invalid destination: "/dev/null" must be a directory or a regular file'],
  ];
  for (const [args, words] of refusals) {
    expect(await engine.tspod('cp', ...args)).toMatchObject({ exitCode: 125, stderr: `Error: ${words}\n` });
  }
});

test('a file takes the place of a folder only with --overwrite', async () => {
  mkdirSync(`${root}/tmp/file/deep`, { recursive: true });
  const refused = await engine.tspod('cp', `${host}/file`, 'web:/tmp');
  expect(refused.stderr).toContain('error creating "/tmp/file": open /tmp/file: file exists');
  await engine.ok('cp', '--overwrite', `${host}/file`, 'web:/tmp');
  expect(statSync(`${root}/tmp/file`).isFile()).toBe(true);
});

test('archives stream out to standard output and in from standard input, compressed in any usual way', async () => {
  const out = await engine.run(['cp', 'web:/tmp/tree', '-']);
  writeFileSync(`${host}/out.tar`, out.stdout, 'latin1');
  const listed = spawnSync('tar', ['-tf', `${host}/out.tar`], { encoding: 'utf8' });
  expect(listed.stdout).toBe('tree/\ntree/sub/\ntree/sub/file\ntree/sub/leaf\n');
  for (const [option, name] of [
    ['-c', 'plain'],
    ['-cz', 'gz'],
    ['-cJ', 'xz'],
    ['-cj', 'bz'],
    ['-c --zstd', 'zst'],
  ]) {
    const archive = `${host}/${name}.tar`;
    const flags = `${option}`.split(' ');
    spawnSync('tar', [
      ...flags,
      '--owner=7',
      '--group=8',
      `--transform=s/file/${name}/`,
      '-f',
      archive,
      '-C',
      host,
      'file',
    ]);
    const line = `exec "$0" "$@" < ${archive}`;
    const done = spawnSync('sh', ['-c', line, ...cli('cp', '-a=false', '-', 'web:/tmp')], {
      env: env(),
      encoding: 'utf8',
    });
    expect([done.stderr, done.status]).toEqual(['', 0]);
    expect(readFileSync(`${root}/tmp/${name}`, 'utf8')).toBe('from the host\n');
    expect(statSync(`${root}/tmp/${name}`)).toMatchObject({ uid: 7, gid: 8 });
  }
});

test('standard input that is no archive is refused before anything is written', () => {
  const done = spawnSync('sh', ['-c', `exec "$0" "$@" < ${host}/file`, ...cli('cp', '-', 'web:/tmp')], {
    env: env(),
    encoding: 'utf8',
  });
  expect(done.stderr).toBe('Error: source must be a (compressed) tar archive when copying from stdin\n');
});

test('CVE-2019-14271: programs and libraries of the image are never run', async () => {
  for (const name of ['xz', 'tar', 'bzip2', 'gzip', 'unpigz']) {
    writeFileSync(`${root}/bin/${name}`, `#!/bin/sh\necho owned > ${host}/owned; echo owned > /owned\n`, {
      mode: 0o755,
    });
  }
  const line = `exec "$0" "$@" < ${host}/xz.tar`;
  spawnSync('sh', ['-c', line, ...cli('cp', '-', 'web:/tmp')], { env: env() });
  await engine.ok('cp', 'web:/bin', `${host}/bin`);
  expect([existsSync(`${host}/owned`), existsSync(`${root}/owned`)]).toEqual([false, false]);
});

test('links of a container lead nowhere on the host, in either direction', async () => {
  const canary = `${host}/canary`;
  writeFileSync(canary, 'untouched');
  await inWeb(
    `mkdir -p /tmp/links; cd /tmp/links; ln -s / abs; ln -s ../../../../../../.. up; ln -s ${canary} gone; ln -s ${host} dir`,
  );
  const refused = await engine.tspod('cp', 'web:/tmp/links/gone', `${host}/stolen`);
  expect(refused.stderr).toContain('could not be found on container web');
  for (const link of ['abs', 'up']) await engine.tspod('cp', `${host}/file`, `web:/tmp/links/${link}${canary}`);
  await engine.tspod('cp', `${host}/file`, 'web:/tmp/links/gone');
  await engine.tspod('cp', `${host}/file`, 'web:/tmp/links/dir/canary');
  expect(readFileSync(canary, 'utf8')).toBe('untouched');
  await engine.ok('cp', 'web:/tmp/links', `${host}/links`);
  expect(lstatSync(`${host}/links/gone`).isSymbolicLink()).toBe(true);
});

test('CVE-2018-15664: a container that swaps a folder for a link while it is copied to gets nothing of the host', async () => {
  mkdirSync(`${root}/tmp/race/folder`, { recursive: true });
  symlinkSync(host, `${root}/tmp/race/link`);
  const swap =
    'cd /tmp/race; while [ ! -e /tmp/stop ]; do mv -T folder x; mv -T link folder; mv -T folder link; mv -T x folder; done';
  symlinkSync('busybox', `${root}/bin/mv`);
  await engine.ok('exec', '-d', '--user', '0', 'web', 'sh', '-c', swap);
  writeFileSync(`${engine.dir}/prize`, 'ours');
  writeFileSync(`${host}/secret`, 'of the host');
  for (let round = 0; round < 12; round++) {
    await engine.tspod('cp', `${engine.dir}/prize`, 'web:/tmp/race/folder/prize');
    await engine.tspod('cp', 'web:/tmp/race/folder/secret', `${engine.dir}/leaked`);
    await engine.tspod('cp', 'web:/tmp/race/.', `${engine.dir}/all`);
  }
  expect([existsSync(`${host}/prize`), existsSync(`${engine.dir}/leaked`)]).toEqual([false, false]);
  expect(existsSync(`${engine.dir}/all/folder/secret`) && !lstatSync(`${engine.dir}/all/folder`).isSymbolicLink()).toBe(
    false,
  );
  writeFileSync(`${root}/tmp/stop`, '');
  // The end of the session is noted in the store: not after that is gone.
  await until('no session', async () => (await engine.ok('inspect', '--format', '{{len .ExecIDs}}', 'web')) === '0');
}, 60_000);

function cli(...args: string[]): string[] {
  return [`${import.meta.dirname}/../../bin/tspod`, ...engine.globals, ...args];
}

function env(): NodeJS.ProcessEnv {
  return { ...process.env, ...engine.env };
}
