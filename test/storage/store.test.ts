import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasCode } from '../../src/errors.ts';
import { openStore, type Store } from '../../src/storage/store.ts';
import { baseFiles, chunksOf, makeImage, newContainer, newTestStore, storeImage, type TestStore } from './helper.ts';

let it: TestStore;
let store: Store;

beforeEach(() => {
  it = newTestStore();
  store = it.open();
});
afterEach(() => it.cleanup());

const second = [{ name: 'etc/second', content: 'two' }];

test('an empty store has nothing and makes no file by being read', () => {
  expect(store.images()).toEqual([]);
  expect(store.layers()).toEqual([]);
  expect(store.containers()).toEqual([]);
  expect(existsSync(it.root)).toBe(false);
});

test('an image that was stored is found by name, id, prefix and digest, by this and by other processes', async () => {
  const image = await makeImage('localhost/one:latest', [baseFiles, second]);
  await storeImage(store, image);
  for (const each of [store, it.open()]) {
    expect(each.imageByName('localhost/one:latest')?.id).toBe(image.id);
    expect(each.imageById(image.id.slice(0, 12))?.id).toBe(image.id);
    expect(each.imagesByDigest(image.manifestDigest).map(({ id }) => id)).toEqual([image.id]);
    expect(each.imageConfig(each.images()[0]!).rootfs.diff_ids).toEqual(image.layers.map(({ diffId }) => diffId));
    expect(each.imageManifest(each.images()[0]!).layers).toHaveLength(2);
    expect(each.check()).toEqual([]);
  }
});

test('layers have the ids by the chain rule, the recorded sizes make the size of the image', async () => {
  const image = await makeImage('localhost/one:latest', [baseFiles, second]);
  const record = await storeImage(store, image);
  const ids = store.layerIds(image.layers.map(({ diffId }) => diffId));
  expect(ids[0]).toBe(image.layers[0]!.diffId.slice(7));
  expect(store.layers().map(({ id }) => id)).toEqual(ids);
  expect(record.layer).toBe(ids[1]);
  const tars = store.layers().reduce((sum, layer) => sum + (layer['diff-size'] ?? 0), 0);
  expect(store.imageSize(record)).toBe(tars + image.config.length + 2 * image.manifest.length);
});

test('a name moves to the image that gets it', async () => {
  const one = await makeImage('localhost/x:latest', [baseFiles]);
  const two = await makeImage('localhost/x:latest', [baseFiles, second]);
  await storeImage(store, one);
  await storeImage(store, two);
  expect(store.imageByName('localhost/x:latest')?.id).toBe(two.id);
  expect(store.images().find(({ id }) => id === one.id)?.names).toEqual([]);
  store.addImageName(one.id, 'localhost/x:latest');
  expect(store.imageByName('localhost/x:latest')?.id).toBe(one.id);
  store.removeImageName(one.id, 'localhost/x:latest');
  expect(store.imageByName('localhost/x:latest')).toBeNull();
});

test('deleting an image keeps the layers that another image needs', async () => {
  const one = await makeImage('localhost/one:latest', [baseFiles]);
  const two = await makeImage('localhost/two:latest', [baseFiles, second]);
  await storeImage(store, one);
  await storeImage(store, two);
  expect(store.layers()).toHaveLength(2);
  expect(await store.deleteImage(two.id)).toHaveLength(1);
  expect(store.layers()).toHaveLength(1);
  expect(store.check()).toEqual([]);
  expect(await store.deleteImage(one.id)).toHaveLength(1);
  expect(store.layers()).toEqual([]);
  const rest = readdirSync(`${it.root}/overlay`).filter((name) => name !== 'l' && name !== 'tempdirs');
  expect(rest).toEqual([]);
  expect(readdirSync(`${it.root}/overlay/l`)).toEqual([]);
  expect(readdirSync(`${it.root}/overlay/tempdirs`)).toEqual([]);
  expect(readdirSync(`${it.root}/overlay-layers/tmp`)).toEqual([]);
  expect(readdirSync(`${it.root}/overlay-images`).sort()).toEqual(['images.json', 'images.lock']);
});

test('an image with folders nested deeper than can be kept open is deleted whole', async () => {
  const store = it.open();
  const deep = 'd/'.repeat(900);
  const image = await makeImage('localhost/deep:latest', [[{ name: `${deep}file`, content: 'x' }]]);
  await storeImage(store, image);
  await store.deleteImage(image.id);
  expect(readdirSync(`${it.root}/overlay/tempdirs`)).toEqual([]);
  expect(await store.checkFully({ maxUnreferencedAge: 0 })).toEqual([]);
});

test('an image that a container uses is not deleted', async () => {
  const image = await makeImage('localhost/one:latest', [baseFiles]);
  await storeImage(store, image);
  const id = newContainer(store, 'c', image.id);
  const refusal = await store.deleteImage(image.id).catch((error: unknown) => error);
  expect(hasCode(refusal, 'IMAGE_IN_USE')).toBe(true);
  expect(String(refusal)).toContain(id);
  store.deleteContainer(id);
  expect(await store.deleteImage(image.id)).toHaveLength(1);
});

test('an unknown image is an error', async () => {
  await expect(store.deleteImage('ab'.repeat(32))).rejects.toMatchObject({ code: 'NO_SUCH_IMAGE' });
  expect(() => store.addImageName('ab'.repeat(32), 'x')).toThrow(/image not known/);
});

test('an id prefix that fits two images is ambiguous', async () => {
  await storeImage(store, await makeImage('localhost/one:latest', [baseFiles]));
  await storeImage(store, await makeImage('localhost/two:latest', [baseFiles, second]));
  expect(() => store.imageById('')).not.toThrow();
  const ids = store.images().map(({ id }) => id);
  const common = ids[0]![0] === ids[1]![0] ? ids[0]![0]! : '';
  if (common !== '') expect(() => store.imageById(common)).toThrow(/ambiguous/);
  expect(store.imageById(ids[0]!)?.id).toBe(ids[0]);
});

test('a layer that is not what was expected leaves nothing behind', async () => {
  const image = await makeImage('localhost/one:latest', [baseFiles]);
  const { blob, digest, diffId } = image.layers[0]!;
  const wrong = `sha256:${'0'.repeat(64)}` as const;
  const attempts = [
    store.stageLayer(chunksOf(blob), { digest: wrong, size: blob.length, diffId }),
    store.stageLayer(chunksOf(blob), { digest, size: blob.length + 1, diffId }),
    store.stageLayer(chunksOf(blob), { digest, size: blob.length, diffId: wrong }),
    store.stageLayer(chunksOf(blob.subarray(0, -20)), { diffId }),
  ];
  for (const outcome of await Promise.allSettled(attempts)) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'CORRUPT_BLOB' } });
  }
  expect(readdirSync(`${it.root}/overlay/tempdirs`)).toEqual([]);
  expect(readdirSync(`${it.root}/overlay-layers/tmp`)).toEqual([]);
  expect(store.layers()).toEqual([]);
});

test('a layer that two callers stage at once is committed once', async () => {
  const image = await makeImage('localhost/one:latest', [baseFiles, second]);
  await Promise.all([storeImage(store, image), storeImage(it.open(), image), storeImage(it.open(), image)]);
  expect(store.layers()).toHaveLength(2);
  expect(store.images()).toHaveLength(1);
  expect(store.check()).toEqual([]);
});

test('the tar of a layer comes back byte for byte', async () => {
  const image = await makeImage('localhost/one:latest', [baseFiles, second]);
  await storeImage(store, image);
  expect(await store.checkFully()).toEqual([]);
  for (const layer of store.layers()) {
    let size = 0;
    for await (const chunk of store.layerTar(layer.id)) size += chunk.length;
    expect(size).toBe(layer['diff-size']);
  }
});

test('an image that overlayfs could not mount is refused, and leaves nothing', async () => {
  const layers = Array.from({ length: 501 }, (_, index) => [{ name: `f${index}`, content: '' }]);
  const image = await makeImage('localhost/deep:latest', layers);
  await expect(storeImage(store, image)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
  expect(store.layers()).toEqual([]);
  expect(readdirSync(`${it.root}/overlay/tempdirs`)).toEqual([]);
}, 120_000);

test('a container on many layers is mounted', async () => {
  const layers = Array.from({ length: 200 }, (_, index) => [{ name: `f${index}`, content: `${index}` }]);
  const image = await makeImage('localhost/deep:latest', layers);
  await storeImage(store, image);
  const id = newContainer(store, 'deep', image.id, true);
  expect(readdirSync(store.mountContainer(id))).toHaveLength(200);
  store.deleteContainer(id);
}, 120_000);

test('in a transient store containers are recorded in the run root only', async () => {
  const transient = openStore({ graphRoot: it.root, runRoot: it.runroot, transientStore: true });
  const id = newContainer(transient, 'c', null);
  expect(existsSync(`${it.runroot}/overlay-containers/volatile-containers.json`)).toBe(true);
  expect(existsSync(`${it.root}/overlay-containers/volatile-containers.json`)).toBe(false);
  transient.deleteContainer(id);
  expect(transient.check()).toEqual([]);
});

test('every write of a record file changes the last-writer token', async () => {
  const token = () => readFileSync(`${it.root}/overlay-images/images.lock`).toString('hex');
  const image = await makeImage('localhost/one:latest', [baseFiles]);
  await storeImage(store, image);
  const before = token();
  expect(before).toHaveLength(128);
  store.addImageName(image.id, 'localhost/other:latest');
  expect(token()).not.toBe(before);
});

test('the configuration of an image whose id is not its digest is found by the manifest', async () => {
  const image = await makeImage('localhost/own-id:latest', [baseFiles]);
  const record = await storeImage(it.open(), image);
  const id = 'f'.repeat(64);
  renameSync(`${it.root}/overlay-images/${image.id}`, `${it.root}/overlay-images/${id}`);
  writeFileSync(`${it.root}/overlay-images/images.json`, JSON.stringify([{ ...record, id }]));
  const store = it.open();
  const [own] = store.images();
  expect(own && store.imageConfigDigest(own)).toBe(`sha256:${image.id}`);
  expect(own && store.imageConfig(own).os).toBe('linux');
  expect(await store.checkFully()).toEqual([]);
});
