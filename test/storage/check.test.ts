import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Store } from '../../src/storage/store.ts';
import { baseFiles, makeImage, newContainer, newTestStore, storeImage, type TestStore } from './helper.ts';

let it: TestStore;
let store: Store;
let image: string;
let layer: string;

beforeEach(async () => {
  it = newTestStore();
  store = it.open();
  const record = await storeImage(store, await makeImage('localhost/one:latest', [baseFiles]));
  image = record.id;
  layer = record.layer!;
});
afterEach(() => it.cleanup());

async function messages(): Promise<string> {
  return (await store.checkFully()).map(({ kind, message }) => `${kind}: ${message}`).join('\n');
}

test('a changed file is found by its checksum', async () => {
  writeFileSync(`${it.root}/overlay/${layer}/diff/etc/os-release`, 'ID=evil\n');
  expect(await messages()).toMatch(/checksum failed/);
});

test('a file that is missing, shorter, or new, and changed permissions are found', async () => {
  const diff = `${it.root}/overlay/${layer}/diff`;
  writeFileSync(`${diff}/etc/new`, '');
  expect(await messages()).toMatch(/layer: .*\+etc\/new, layer content modified/);
  rmSync(`${diff}/etc/new`);
  chmodSync(`${diff}/srv`, 0o755);
  expect(await messages()).toMatch(/-srv \(permissions\), layer content modified/);
  chmodSync(`${diff}/srv`, 0o700);
  expect(await messages()).toBe('');
  rmSync(`${diff}/srv/a`);
  expect(await messages()).toMatch(/"srv\/a" is missing/);
});

test('damage of a layer is damage of what stands on it; repair removes image and layer, but nothing of a container', async () => {
  const id = newContainer(store, 'c', image);
  rmSync(`${it.root}/overlay/${layer}/diff/srv/a`);
  const problems = await store.checkFully();
  expect(problems.map(({ kind }) => kind).sort()).toEqual(['container', 'container', 'image', 'layer']);
  expect(store.repair(problems)).toEqual({ layers: [], images: [] });
  expect(store.images()).toHaveLength(1);
  store.deleteContainer(id);
  expect(store.repair(await store.checkFully())).toEqual({ layers: [layer], images: [image] });
  expect(await store.checkFully()).toEqual([]);
  expect(store.images()).toEqual([]);
  expect(readdirSync(`${it.root}/overlay`).filter((name) => name.length === 64)).toEqual([]);
});

test('a folder without a record is found and removed', () => {
  const id = 'c'.repeat(64);
  mkdirSync(`${it.root}/overlay/${id}/diff`, { recursive: true });
  const problems = store.check();
  expect(problems).toMatchObject([{ kind: 'leftover', id, message: expect.stringContaining('not accounted for') }]);
  store.repair(problems);
  expect(store.check()).toEqual([]);
});

test('a layer without an image is damage only after a day', async () => {
  const image2 = await makeImage('localhost/two:latest', [baseFiles, [{ name: 'x', content: 'x' }]]);
  await storeImage(store, image2);
  const lost = store.imageByName('localhost/two:latest')!.layer!;
  writeFileSync(
    `${it.root}/overlay-images/images.json`,
    JSON.stringify([store.images().find(({ id }) => id === image)]),
  );
  store = it.open();
  expect(store.check()).toEqual([]);
  const problems = store.check({ maxUnreferencedAge: 0 });
  expect(problems).toMatchObject([{ kind: 'layer', id: lost, message: expect.stringContaining('not referenced') }]);
  expect(store.repair(problems)).toEqual({ layers: [lost], images: [] });
  expect(store.check({ maxUnreferencedAge: 0 })).toEqual([]);
});

test('missing and changed data of an image is found', () => {
  const path = `${it.root}/overlay-images/${image}/manifest`;
  writeFileSync(path, '{}');
  expect(store.check()).toMatchObject([{ kind: 'image', message: expect.stringContaining('has incorrect size') }]);
  rmSync(path);
  expect(store.check()).toMatchObject([
    { kind: 'image', message: expect.stringContaining('image data item is missing') },
  ]);
});

test('an image whose layer has no record is found', () => {
  writeFileSync(`${it.root}/overlay-layers/layers.json`, '[]');
  store = it.open();
  const kinds = store.check().map(({ kind }) => kind);
  expect(kinds.sort()).toEqual(['image', 'leftover']);
});
