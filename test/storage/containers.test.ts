import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/storage/store.ts';
import { mountsBelow } from '../helpers/tspod.ts';
import { baseFiles, idOf, makeImage, newContainer, newTestStore, storeImage, type TestStore } from './helper.ts';

let it: TestStore;
let store: Store;
let image: string;

beforeEach(async () => {
  it = newTestStore();
  store = it.open();
  image = (await storeImage(store, await makeImage('localhost/one:latest', [baseFiles]))).id;
});
afterEach(() => it.cleanup());

test.each([true, false])(
  'a container is made, mounted, written to and deleted without a trace (volatile: %s)',
  (volatile) => {
    const id = newContainer(store, 'web', image, volatile);
    const path = store.mountContainer(id);
    expect(readFileSync(`${path}/etc/os-release`, 'utf8')).toBe('ID=test\n');
    expect(statSync(path).mode & 0o777).toBe(0o555);
    writeFileSync(`${path}/etc/new`, 'x'.repeat(1000));
    expect(store.containerSize(id).rw).toBe(1000);
    expect(store.containerSize(id).rootfs).toBe(1000 + store.imageSize(store.images()[0]!));
    expect(store.unmountContainer(id)).toBe(false);
    expect(mountsBelow(it.dir)).toEqual([]);
    expect(readFileSync(`${store.layerFolder(store.containers()[0]!.layer)}/diff/etc/new`, 'utf8')).toHaveLength(1000);
    store.deleteContainer(id);
    expect(store.containers()).toEqual([]);
    expect(store.layers()).toHaveLength(1);
    expect(readdirSync(`${it.root}/overlay`).filter((name) => /^[0-9a-f]{64}$/.test(name))).toHaveLength(1);
    expect(readdirSync(`${it.root}/overlay/l`)).toHaveLength(1);
    expect(existsSync(`${it.root}/overlay-containers/${id}`)).toBe(false);
    expect(store.check()).toEqual([]);
  },
);

test('disable-volatile mounts a container of --rm without the option', () => {
  const id = newContainer(store, 'web', image, true);
  const optionsOf = (path: string) =>
    readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[1] === path);
  expect(optionsOf(store.mountContainer(id))).toMatch(/[,=]volatile\b/);
  store.unmountContainer(id);
  const other = openStore({ graphRoot: it.root, runRoot: it.runroot, disableVolatile: true });
  const options = optionsOf(other.mountContainer(id));
  expect(options).toContain('upperdir=');
  expect(options).not.toContain('volatile');
  other.deleteContainer(id);
});

test('a container of --rm is recorded in the volatile files only', () => {
  newContainer(store, 'web', image, true);
  expect(existsSync(`${it.root}/overlay-containers/containers.json`)).toBe(false);
  expect(readFileSync(`${it.root}/overlay-containers/volatile-containers.json`, 'utf8')).toContain('"Volatile":true');
  expect(readFileSync(`${it.root}/overlay-layers/layers.json`, 'utf8').match(/"id"/g)).toHaveLength(1);
});

test('its content outlives a remount', () => {
  const id = newContainer(store, 'web', image, true);
  writeFileSync(`${store.mountContainer(id)}/etc/new`, 'kept');
  store.unmountContainer(id);
  expect(readFileSync(`${store.mountContainer(id)}/etc/new`, 'utf8')).toBe('kept');
});

test('a name is given once, whoever asks', () => {
  newContainer(store, 'web', image);
  const request = { id: idOf('other'), name: 'web', imageId: image, volatile: true, metadata: '{}' };
  expect(() => it.open().createContainer(request)).toThrow(/the container name "web" is already in use by/);
  expect(store.containers()).toHaveLength(1);
  expect(store.layers()).toHaveLength(2);
  store.rename(idOf('web'), 'app');
  it.open().createContainer(request);
  expect(() => store.rename(idOf('other'), 'app')).toThrow(/already in use/);
});

test('deleting twice, or what is not there, is fine', () => {
  const id = newContainer(store, 'web', image);
  store.mountContainer(id);
  store.deleteContainer(id);
  store.deleteContainer(id);
  store.deleteContainer(idOf('never'));
  expect(mountsBelow(it.dir)).toEqual([]);
});

test('users of a mount are counted; the last one unmounts', () => {
  const id = newContainer(store, 'web', image);
  const path = store.mountContainer(id);
  expect(it.open().mountContainer(id)).toBe(path);
  expect(store.mounts().map(({ count }) => count)).toEqual([2]);
  expect(store.unmountContainer(id)).toBe(true);
  expect(store.mounts()).toHaveLength(1);
  expect(store.unmountContainer(id)).toBe(false);
  expect(store.mounts()).toEqual([]);
  expect(store.unmountContainer(id)).toBe(false);
  store.mountContainer(id);
  store.mountContainer(id);
  expect(store.unmountContainer(id, { force: true })).toBe(false);
  expect(mountsBelow(it.dir)).toEqual([]);
});

test('a count that a reboot left behind heals', () => {
  const id = newContainer(store, 'web', image);
  const path = store.mountContainer(id);
  store.mountContainer(id);
  spawnSync('umount', [path]);
  spawnSync('umount', [`${it.root}/overlay`]);
  expect(mountsBelow(it.dir)).toEqual([]);
  expect(store.mounts()).toEqual([]);
  const again = it.open();
  expect(existsSync(`${again.mountContainer(id)}/etc/os-release`)).toBe(true);
  expect(again.mounts().map(({ count }) => count)).toEqual([1]);
  again.unmountContainer(id);
  expect(mountsBelow(it.dir)).toEqual([]);
});

test('a container without image has an empty root', () => {
  const id = newContainer(store, 'empty', null);
  expect(readdirSync(store.mountContainer(id))).toEqual([]);
});

test('an image is mounted read-only, and apart from its containers', () => {
  const path = store.mountImage(image);
  expect(readFileSync(`${path}/etc/os-release`, 'utf8')).toBe('ID=test\n');
  expect(() => writeFileSync(`${path}/etc/new`, '')).toThrow(/EROFS/);
  const id = newContainer(store, 'web', image);
  expect(store.mountContainer(id)).not.toBe(path);
  expect(store.unmountImage(image)).toBe(false);
  expect(existsSync(`${path}/etc`)).toBe(false);
});

test('an unknown image or container is an error', () => {
  const request = { id: idOf('x'), name: 'x', imageId: 'ab'.repeat(32), volatile: true, metadata: '{}' };
  expect(() => store.createContainer(request)).toThrow(/image not known/);
  expect(() => store.mountContainer(idOf('x'))).toThrow(/no container with ID/);
  expect(() => store.createContainer({ ...request, id: '../x', imageId: null })).toThrow(/not a valid container id/);
});

test('a lost layer folder is one clear error', () => {
  const id = newContainer(store, 'web', image);
  spawnSync('rm', ['-rf', `${it.root}/overlay/${store.images()[0]!.layer}`]);
  expect(() => store.mountContainer(id)).toThrow(/is missing$/);
  const request = { id: idOf('y'), name: 'y', imageId: image, volatile: true, metadata: '{}' };
  expect(() => store.createContainer(request)).toThrow(/has no folder in the store/);
  expect(
    store
      .check()
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(['container', 'container', 'image', 'layer']);
  expect(mountsBelow(it.dir)).toEqual([]);
});
