import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store } from '../../src/storage/store.ts';
import { mountsBelow } from '../helpers/tspod.ts';
import { baseFiles, makeImage, newContainer, newTestStore, storeImage, type TestStore } from './helper.ts';

let shared: TestStore;
let it: TestStore;
let store: Store;
let image: string;

beforeEach(async () => {
  shared = newTestStore();
  it = newTestStore();
  image = (await storeImage(shared.open(), await makeImage('localhost/shared:latest', [baseFiles]))).id;
  store = openStore({ graphRoot: it.root, runRoot: it.runroot, additionalImageStores: [shared.root] });
});
afterEach(async () => {
  await it.cleanup();
  await shared.cleanup();
});

test('images of a read-only store are found, read and marked', () => {
  const record = store.imageByName('localhost/shared:latest')!;
  expect(record.id).toBe(image);
  expect(store.isReadOnly(record)).toBe(true);
  expect(store.imageConfig(record).os).toBe('linux');
  expect(store.imageSize(record)).toBe(shared.open().imageSize(record));
  expect(store.check()).toEqual([]);
});

test('a container on such an image has only its own layer in this store', () => {
  const before = readdirSync(`${shared.root}/overlay`).sort();
  const id = newContainer(store, 'c', image);
  const path = store.mountContainer(id);
  expect(readFileSync(`${path}/etc/os-release`, 'utf8')).toBe('ID=test\n');
  writeFileSync(`${path}/etc/os-release`, 'changed');
  expect(readdirSync(`${it.root}/overlay`).filter((name) => /^[0-9a-f]{64}$/.test(name))).toHaveLength(1);
  store.deleteContainer(id);
  expect(readdirSync(`${shared.root}/overlay`).sort()).toEqual(before);
  expect(
    readFileSync(`${shared.root}/overlay/${before.find((name) => name.length === 64)}/diff/etc/os-release`, 'utf8'),
  ).toBe('ID=test\n');
  expect(mountsBelow(it.dir)).toEqual([]);
});

test('an image of a read-only store is mounted in the run root, and not deleted', async () => {
  const path = store.mountImage(image);
  expect(path.startsWith(it.runroot)).toBe(true);
  expect(readFileSync(`${path}/etc/os-release`, 'utf8')).toBe('ID=test\n');
  store.unmountImage(image);
  await expect(store.deleteImage(image)).rejects.toMatchObject({ code: 'NO_SUCH_IMAGE' });
  expect(mountsBelow(it.dir)).toEqual([]);
});

test('a pull on top of layers of a read-only store adds only the new layer', async () => {
  const child = await makeImage('localhost/child:latest', [baseFiles, [{ name: 'new', content: 'new' }]]);
  await storeImage(store, child);
  expect(readdirSync(`${it.root}/overlay`).filter((name) => /^[0-9a-f]{64}$/.test(name))).toHaveLength(1);
  const id = newContainer(store, 'c', child.id);
  expect(readdirSync(store.mountContainer(id)).sort()).toEqual(['bin', 'etc', 'new', 'srv']);
  store.deleteContainer(id);
  expect(await store.checkFully()).toEqual([]);
});

test('an image that both stores have counts once, and its copy can be listed', async () => {
  expect(store.shadowedImages()).toEqual([]);
  await storeImage(store, await makeImage('localhost/shared:latest', [baseFiles]));
  expect(store.images().map(({ id }) => id)).toEqual([image]);
  expect(store.shadowedImages().map(({ id }) => id)).toEqual([image]);
});
