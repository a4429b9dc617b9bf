import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountsBelow } from '../helpers/tspod.ts';
import {
  baseFiles,
  makeImage,
  must,
  newContainer,
  newTestStore,
  storeImage,
  type TestFile,
  type TestStore,
} from './helper.ts';

let it: TestStore;

beforeEach(() => {
  it = newTestStore('vfs');
});
afterEach(() => it.cleanup());

const second: TestFile[] = [
  { name: 'etc/os-release', content: 'ID=two\n' },
  { name: 'srv/.wh.a' },
  { name: 'srv/b', content: 'b', uid: 1000 },
  { name: 'hard', type: 'link', linkname: 'etc/os-release' },
];
const third: TestFile[] = [
  { name: 'srv', type: 'directory', mode: 0o750, uid: 1000 },
  { name: 'srv/.wh..wh..opq' },
  { name: 'srv/c', content: 'c' },
  { name: 'bin', type: 'symlink', linkname: 'srv' },
];

test('each layer is a whole tree: changes, whiteouts, opaque folders and links applied', async () => {
  const store = it.open();
  const image = await makeImage('localhost/three:latest', [baseFiles, second, third]);
  await storeImage(store, image);
  const path = store.mountImage(image.id);
  expect(path).toBe(`${it.root}/vfs/dir/${store.images()[0]?.layer}`);
  expect(readdirSync(path).sort()).toEqual(['bin', 'etc', 'hard', 'srv']);
  expect(readdirSync(`${path}/srv`)).toEqual(['c']);
  expect(readFileSync(`${path}/hard`, 'utf8')).toBe('ID=two\n');
  expect(lstatSync(`${path}/hard`).ino).toBe(lstatSync(`${path}/etc/os-release`).ino);
  expect(lstatSync(`${path}/bin`).isSymbolicLink()).toBe(true);
  expect(lstatSync(`${path}/srv`)).toMatchObject({ uid: 1000, mode: 0o40750 });
  expect(lstatSync(path).mode & 0o7777).toBe(0o555);
  const middle = `${it.root}/vfs/dir/${store.layerIds(image.layers.slice(0, 2).map(({ diffId }) => diffId))[1]}`;
  expect(readdirSync(`${middle}/srv`)).toEqual(['b']);
  expect(await store.checkFully({ maxUnreferencedAge: 0 })).toEqual([]);
  expect(mountsBelow(it.dir)).toEqual([]);
});

test('what a container changed is told, measured and committed, and nothing else', async () => {
  const store = it.open();
  const image = await makeImage('localhost/two:latest', [baseFiles, second]);
  await storeImage(store, image);
  const root = store.mountContainer(newContainer(store, 'c', image.id));
  const layer = store.containers()[0]?.layer ?? '';
  expect(await store.layerChanges(layer)).toEqual([]);
  writeFileSync(`${root}/etc/new`, 'fresh');
  rmSync(`${root}/srv/b`);
  mkdirSync(`${root}/deep/er`, { recursive: true });
  const changes = (await store.layerChanges(layer)).map(({ kind, path }) => `${kind} ${path}`);
  const expected = [
    'added /deep',
    'added /deep/er',
    'changed /etc',
    'added /etc/new',
    'changed /srv',
    'deleted /srv/b',
  ];
  expect(changes).toEqual(expected);
  expect(store.containerSize(store.containers()[0]?.id ?? '').rw).toBe(5);
  const staged = await store.stageLayer(Readable.from(await store.tarOfChanges(layer)), {});
  const found = readdirSync(`${staged.folder.path}/layer/diff`, { recursive: true }).sort();
  expect(found).toEqual(['deep', 'deep/er', 'etc', 'etc/new', 'srv', 'srv/b']);
  expect(lstatSync(`${staged.folder.path}/layer/diff/srv/b`).isCharacterDevice()).toBe(true);
  store.discard(staged);
});

test('damage to a file of a lower layer is found in the layer that has it', async () => {
  const store = it.open();
  const image = await makeImage('localhost/two:latest', [baseFiles, second]);
  await storeImage(store, image);
  const [base = '', top = ''] = store.layerIds(image.layers.map(({ diffId }) => diffId));
  rmSync(`${it.root}/vfs/dir/${top}/etc`, { recursive: true });
  const damaged = (await store.checkFully()).filter(({ kind }) => kind === 'layer').map(({ id }) => id);
  expect(damaged).toEqual([top]);
  expect(store.check()).toEqual([]);
  rmSync(`${it.root}/vfs/dir/${base}`, { recursive: true });
  expect(store.check().map(({ message }) => message)).toContain(`layer ${base}: its folder is missing`);
  expect(store.repair(await store.checkFully()).images).toEqual([image.id]);
  expect(store.check({ maxUnreferencedAge: 0 })).toEqual([]);
});

test('Podman reads, mounts and pushes what tspod stored, and tspod what Podman stored', async () => {
  const store = it.open();
  const image = await makeImage('localhost/three:latest', [baseFiles, second, third]);
  await storeImage(store, image);
  const podman = async (...args: string[]) => {
    const { stdout, stderr, exitCode } = await it.podman(...args);
    expect(exitCode, stderr).toBe(0);
    return stdout.trim();
  };
  expect(await podman('images', '--format', '{{.Repository}}:{{.Tag}}')).toBe('localhost/three:latest');
  expect(readdirSync(`${await podman('image', 'mount', image.id)}/srv`)).toEqual(['c']);
  await podman('image', 'umount', image.id);
  await podman('push', '-q', image.id, `dir:${it.dir}/pushed`);
  expect(JSON.parse(readFileSync(`${it.dir}/pushed/manifest.json`, 'utf8')).config.digest).toBe(`sha256:${image.id}`);

  await podman('create', '--name', 'theirs', image.id, 'true');
  const root = await podman('mount', 'theirs');
  writeFileSync(`${root}/etc/theirs`, 'x');
  await podman('commit', '-q', 'theirs', 'localhost/committed:1');
  const committed = it.open().imageByName('localhost/committed:1');
  expect(readFileSync(`${store.mountImage(committed?.id ?? '')}/etc/theirs`, 'utf8')).toBe('x');
  expect(await store.checkFully({ maxUnreferencedAge: 0 })).toEqual([]);
  store.unmountImage(committed?.id ?? '');
  await podman('rm', 'theirs');
  for (const { id } of store.images()) await store.deleteImage(id);
  expect(await podman('images', '-q')).toBe('');
  expect(readdirSync(`${it.root}/vfs/dir`)).toEqual([]);
  expect(existsSync(`${it.root}/overlay-images/images.json`)).toBe(false);
});

test('Skopeo copies the very layers that were stored', async () => {
  const image = await makeImage('localhost/two:latest', [baseFiles, second]);
  await storeImage(it.open(), image);
  await must('skopeo', ['copy', '-q', it.reference('localhost/two:latest'), `dir:${it.dir}/copied`]);
  const files = readdirSync(`${it.dir}/copied`).filter((file) => file.length === 64);
  expect(files.sort()).toEqual([image.id, ...image.layers.map(({ diffId }) => diffId.slice(7))].sort());
});
