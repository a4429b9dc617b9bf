import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { TspodError } from '../../src/errors.ts';
import { bigDataFile } from '../../src/storage/paths.ts';
import type { Store } from '../../src/storage/store.ts';
import { baseFiles, idOf, makeImage, newContainer, newTestStore, storeImage, type TestStore } from './helper.ts';

let it: TestStore;
let store: Store;
let image: string;

beforeEach(async () => {
  it = newTestStore();
  image = (await storeImage(it.open(), await makeImage('localhost/one:latest', [baseFiles]))).id;
  store = it.open();
});
afterEach(() => it.cleanup());

const id = 'a'.repeat(64);
const broken: [what: string, text: string][] = [
  ['cut off', '[{"id":"abc'],
  ['no list', '{"id":1}'],
  ['a list of something else', '[1,2]'],
  ['an id that climbs out', '[{"id":"../../etc","layer":"","created":"2024-01-01T00:00:00Z"}]'],
  ['an id of upper case', `[{"id":"${id.toUpperCase()}","layer":""}]`],
  ['names that are no list', `[{"id":"${id}","layer":"","names":"x"}]`],
  ['flags that are no object', `[{"id":"${id}","layer":"","flags":[]}]`],
  ['binary', '\u0000\u0001\u0002'],
];

test.each(broken)('layers.json with %s is one clear error and stays as it is', async (_what, text) => {
  const path = `${it.root}/overlay-layers/layers.json`;
  writeFileSync(path, text);
  const other = await makeImage('localhost/two:latest', [baseFiles, [{ name: 'x', content: 'x' }]]);
  const request = { id: idOf('c'), name: 'c', imageId: image, volatile: false, metadata: '{}' };
  const attempts = [
    () => store.layers(),
    () => store.hasLayer(id),
    () => store.createContainer(request),
    () => storeImage(store, other),
    () => store.deleteImage(image),
    () => store.check(),
    () => store.recover(),
  ];
  for (const attempt of attempts) {
    const error = await failure(attempt);
    expect(error).toMatchObject({ code: 'CORRUPT_STORE' });
    expect(error.message).toMatch(/^loading ".*layers\.json": [^\n]+$/);
  }
  expect(readFileSync(path, 'utf8')).toBe(text);
});

test.each(broken)('images.json and containers.json with %s are never written over', async (_what, text) => {
  const images = `${it.root}/overlay-images/images.json`;
  const containers = `${it.root}/overlay-containers/containers.json`;
  mkdirSync(`${it.root}/overlay-containers`, { recursive: true });
  writeFileSync(images, text);
  writeFileSync(containers, text);
  for (const attempt of [() => store.images(), () => store.addImageName(image, 'x'), () => store.containers()]) {
    expect(await failure(attempt)).toMatchObject({ code: 'CORRUPT_STORE' });
  }
  expect(() => newContainer(store, 'c', null)).toThrow(/loading/);
  expect(() => store.deleteContainer(idOf('c'))).toThrow(/loading/);
  expect(readFileSync(images, 'utf8')).toBe(text);
  expect(readFileSync(containers, 'utf8')).toBe(text);
});

test('what a newer version wrote survives a change by this one', () => {
  const path = `${it.root}/overlay-images/images.json`;
  const [record] = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>[];
  writeFileSync(path, JSON.stringify([{ ...record, 'new-in-2030': { a: [1] }, names: null }]));
  store.addImageName(image, 'localhost/again:latest');
  const [after] = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>[];
  expect(after).toMatchObject({ 'new-in-2030': { a: [1] }, names: ['localhost/again:latest'] });
});

test('an empty file is an empty list', () => {
  writeFileSync(`${it.root}/overlay-layers/layers.json`, '');
  expect(store.layers()).toEqual([]);
});

test('a layer that Podman left incomplete does not exist, and the next writer removes it', () => {
  const path = `${it.root}/overlay-layers/layers.json`;
  const layers = JSON.parse(readFileSync(path, 'utf8')) as unknown[];
  writeFileSync(
    path,
    JSON.stringify([...layers, { id, created: '2024-01-01T00:00:00Z', flags: { incomplete: true } }]),
  );
  mkdirSync(`${it.root}/overlay/${id}/diff`, { recursive: true });
  expect(store.hasLayer(id)).toBeNull();
  store.recover();
  expect(readFileSync(path, 'utf8')).not.toContain(id);
  expect(store.check()).toEqual([]);
});

test('a missing or a damaged configuration or manifest is an error with the image in it', () => {
  const record = store.images()[0]!;
  const path = `${it.root}/overlay-images/${image}/manifest`;
  for (const text of ['', '{', '[]', '{"layers":[]}', '{"config":{"digest":"sha256:../x","size":1},"layers":[]}']) {
    writeFileSync(path, text);
    expect(() => store.imageManifest(record)).toThrow(new RegExp(`^image "${image}"`));
  }
  writeFileSync(`${it.root}/overlay-images/${image}/${bigDataFile(`sha256:${image}`)}`, '{"config":{"Env":"x"}}');
  expect(() => store.imageConfig(record)).toThrow(/config.Env/);
});

test('names of big data files are those of containers/storage', () => {
  expect(bigDataFile('manifest')).toBe('manifest');
  expect(bigDataFile('zstd-chunked-manifest')).toBe('=enN0ZC1jaHVua2VkLW1hbmlmZXN0');
  expect(bigDataFile('../../x')).toBe(`=${Buffer.from('../../x').toString('base64')}`);
  expect(bigDataFile('..')).not.toBe('..');
});

async function failure(attempt: () => unknown): Promise<TspodError> {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof TspodError) return error;
    throw error;
  }
  throw new Error(`${attempt} did not fail`);
}
