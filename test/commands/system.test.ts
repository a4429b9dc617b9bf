import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { must } from '../helpers/exec.ts';
import { mountsBelow, newEngine, type TestEngine } from '../helpers/tspod.ts';
import { busyboxRoot } from './busybox.ts';

let engine: TestEngine;
const offline = ['--network', 'none'];

beforeEach(async () => {
  engine = newEngine();
  await must('tar', ['-C', busyboxRoot(engine.dir), '-cf', join(engine.dir, 'base.tar'), '.']);
  await engine.ok('import', '-q', join(engine.dir, 'base.tar'), 'localhost/base:1');
});
afterEach(() => engine.cleanup());

/** Commits a container that wrote one file; its id. */
async function child(of: string, name: string): Promise<string> {
  await engine.ok('run', '--name', 'maker', ...offline, of, 'sh', '-c', `echo ${name} >/etc/${name}`);
  const id = await engine.ok('commit', '-q', 'maker', ...(name === 'nameless' ? [] : [`localhost/${name}:1`]));
  await engine.ok('rm', 'maker');
  return id;
}

test('image tree shows the layers of an image, and with --whatrequires what stands on them', async () => {
  await child('localhost/base:1', 'left');
  await child('localhost/base:1', 'right');
  const id = (await engine.ok('image', 'inspect', '--format', '{{.Id}}', 'left:1')).slice(0, 12);
  const [, base, top] = /ID: (\w{12}).*\n.*ID: (\w{12}) /.exec(await engine.ok('image', 'tree', 'left:1')) ?? [];
  expect(await engine.ok('image', 'tree', 'left:1')).toMatch(
    new RegExp(
      `^Image ID: ${id}\nTags:     \\[localhost/left:1\\]\nSize:     \\S+MB\nImage Layers\n` +
        `├── ID: ${base} Size: +\\S+B Top Layer of: \\[localhost/base:1\\]\n` +
        `└── ID: ${top} Size: +\\S+B Top Layer of: \\[localhost/left:1\\]\n$`,
    ),
  );
  const required = (await engine.ok('image', 'tree', '--whatrequires', 'base:1')).split('\n').slice(4, 7);
  expect(required.map((line) => line.replace(/ID.*: /, ''))).toEqual([
    '├── [localhost/base:1]',
    '├── [localhost/left:1]',
    '└── [localhost/right:1]',
  ]);
  expect(await engine.tspod('image', 'tree', 'nosuch')).toMatchObject({ exitCode: 125 });
});

test('an image that a user mounted stays mounted when a container that had it as a volume is gone', async () => {
  const path = (await engine.ok('image', 'mount', 'base:1')).trim();
  const volume = ['--mount', 'type=image,src=base:1,dst=/mnt'];
  await engine.ok('run', '--rm', ...volume, ...offline, 'base:1', 'true');
  expect(await engine.ok('image', 'mount')).toContain(path);
  await engine.ok('run', '--name', 'c', ...volume, ...offline, 'base:1', 'true');
  await engine.ok('rm', 'c');
  expect(await engine.ok('image', 'mount')).toContain(path);
  await engine.ok('image', 'unmount', 'base:1');
  expect(await engine.ok('image', 'mount')).toBe('');
});

test('system prune removes stopped containers and nameless images; more only when it is asked for', async () => {
  const nameless = await child('localhost/base:1', 'nameless');
  const stopped = await engine.ok('create', ...offline, 'base:1', 'true');
  await engine.ok('volume', 'create', 'unused');
  await engine.ok('run', '-d', '--name', 'kept', '-v', 'used:/data', ...offline, 'base:1', 'sleep', '60');
  const pruned = await engine.ok('system', 'prune', '-f');
  expect(pruned).toMatch(
    new RegExp(`^Deleted Containers\n${stopped}\nDeleted Images\n${nameless}\nTotal reclaimed space: `),
  );
  expect(await engine.ok('volume', 'ls', '-q')).toBe('unused\nused');
  await child('localhost/base:1', 'named');
  expect(await engine.ok('system', 'prune', '-f', '-a', '--volumes')).toMatch(
    /^Deleted Volumes\nunused\nDeleted Images\n\w{64}\nTotal reclaimed space: \d/,
  );
  expect(await engine.ok('images', '--format', '{{.Repository}}')).toBe('localhost/base');
  expect(await engine.ok('system', 'prune', '-f', '-a', '--volumes')).toBe('Total reclaimed space: 0B');
  expect((await engine.tspod('system', 'prune', '--external', '-a')).stderr).toContain('cannot be combined');
});

test('system prune asks first, and --external removes folders that nothing accounts for', async () => {
  await engine.ok('create', '--name', 'c', ...offline, 'base:1', 'true');
  const asked = await engine.run(['system', 'prune'], { input: 'n\n' });
  expect(asked.stdout).toBe(
    'WARNING! This command removes:\n\t- all stopped containers\n\t- all networks not used by at least one container\n' +
      '\t- all dangling images\n\t- all dangling build cache\n\nAre you sure you want to continue? [y/N] ',
  );
  expect((await engine.tspod('container', 'exists', 'c')).exitCode).toBe(0);
  const stray = join(engine.root, 'overlay', 'a'.repeat(64));
  mkdirSync(join(stray, 'diff'), { recursive: true });
  expect((await engine.tspod('system', 'check')).stdout).toContain('not accounted for');
  await engine.ok('system', 'prune', '--external');
  expect(existsSync(stray)).toBe(false);
  await engine.ok('system', 'check');
});

test('system reset leaves nothing: no container, no mount, no file, and the store can be used again', async () => {
  await engine.ok('run', '-d', '--name', 'runs', '-v', 'data:/data', ...offline, 'base:1', 'sleep', '60');
  await engine.ok('image', 'mount', 'base:1');
  const other = spawnSync('podman', ['--root', engine.root, '--runroot', engine.runroot, 'create', 'base:1', 'true']);
  expect(other.status).toBe(0);
  const asked = await engine.run(['system', 'reset'], { input: 'n\n' });
  expect(asked.stdout).toContain(`        - the graphRoot directory: "${engine.root}"\n`);
  expect(asked.stdout).toMatch(/external containers will be purged:\n\t- \w{12} \(\w+\)\nAre you sure/);
  expect(await engine.ok('ps', '-q')).not.toBe('');
  await engine.ok('system', 'reset', '--force');
  expect(existsSync(engine.root)).toBe(false);
  expect(existsSync(engine.runroot) ? readdirSync(engine.runroot) : []).toEqual([]);
  expect(mountsBelow(engine.dir)).toEqual([]);
  await engine.ok('import', '-q', join(engine.dir, 'base.tar'), 'localhost/base:1');
  expect(await engine.ok('run', '--rm', ...offline, 'base:1', 'echo', 'again')).toBe('again');
});
