import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountsBelow } from '../helpers/tspod.ts';
import {
  baseFiles,
  exec,
  makeImage,
  must,
  newContainer,
  newTestStore,
  storeImage,
  type TestImage,
  type TestStore,
  tarOf,
} from './helper.ts';

let it: TestStore;

beforeEach(() => {
  it = newTestStore();
});
afterEach(() => it.cleanup());

async function ok(...args: string[]): Promise<string> {
  const { stdout, stderr, exitCode } = await it.podman(...args);
  if (exitCode !== 0) throw new Error(`podman ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

const second = [
  { name: 'etc/os-release', content: 'ID=two\n' },
  { name: 'srv/.wh.a' },
  { name: 'hard', type: 'link' as const, linkname: 'etc/os-release' },
];

function storeTwoLayers(): Promise<TestImage> {
  return makeImage('localhost/two:latest', [baseFiles, second]).then(async (image) => {
    await storeImage(it.open(), image);
    return image;
  });
}

test('Podman lists, inspects and mounts what tspod stored', async () => {
  const image = await storeTwoLayers();
  expect(await ok('images', '--format', '{{.Repository}}:{{.Tag}} {{.Digest}}')).toBe(
    `localhost/two:latest ${image.manifestDigest}`,
  );
  const size = Number(await ok('image', 'inspect', '--format', '{{.Size}}', image.id));
  expect(size).toBe(it.open().imageSize(it.open().images()[0]!));
  const path = await ok('image', 'mount', image.id);
  expect(readFileSync(`${path}/hard`, 'utf8')).toBe('ID=two\n');
  expect(existsSync(`${path}/srv/a`)).toBe(false);
  expect(
    it
      .open()
      .mounts()
      .map(({ path: mounted }) => mounted),
  ).toEqual([path]);
  it.open().unmountImage(image.id);
  expect(mountsBelow(it.dir)).toEqual([]);
});

test('a push by Podman and a copy by Skopeo give back the very bytes that were stored', async () => {
  const image = await storeTwoLayers();
  await ok('push', '-q', 'localhost/two:latest', `dir:${it.dir}/pushed`);
  await must('skopeo', ['copy', '-q', it.reference('localhost/two:latest'), `dir:${it.dir}/copied`]);
  for (const folder of ['pushed', 'copied']) {
    const files = readdirSync(`${it.dir}/${folder}`).filter((name) => !/manifest|version/.test(name));
    const digests = files.map((name) => `sha256:${digestOf(readFileSync(`${it.dir}/${folder}/${name}`))}`);
    const expected = [...image.layers.map(({ diffId }) => diffId), `sha256:${image.id}`];
    expect(digests.sort()).toEqual(expected.sort());
  }
});

/** Of the content: Podman may compress anew. */
function digestOf(file: Buffer): string {
  const plain = file[0] === 0x1f && file[1] === 0x8b ? gunzipSync(file) : file;
  return createHash('sha256').update(plain).digest('hex');
}

test('tspod lists and mounts what Podman stored, and deletes it', async () => {
  writeFileSync(`${it.dir}/base.tar`, await tarOf(baseFiles));
  await ok('import', '-q', `${it.dir}/base.tar`, 'localhost/imported:1');
  const store = it.open();
  const image = store.imageByName('localhost/imported:1')!;
  expect(store.imageConfig(image).os).toBe('linux');
  const id = newContainer(store, 'c', image.id);
  expect(readFileSync(`${store.mountContainer(id)}/etc/os-release`, 'utf8')).toBe('ID=test\n');
  expect(await store.checkFully()).toEqual([]);
  store.deleteContainer(id);
  await store.deleteImage(image.id);
  expect(await ok('images', '-q')).toBe('');
  expect(store.layers()).toEqual([]);
});

test('a container of tspod keeps its image and its name from Podman, is seen, mounted and removed by it', async () => {
  const image = await storeTwoLayers();
  const store = it.open();
  const id = newContainer(store, 'mine', image.id);
  expect(await ok('ps', '-a', '--external', '--format', '{{.ID}} {{.Names}}')).toBe(`${id.slice(0, 12)} mine`);
  const refusal = await it.podman('rmi', image.id);
  expect(refusal.exitCode).not.toBe(0);
  expect(refusal.stderr).toContain(`image used by ${id}`);
  const taken = await it.podman('create', '--name', 'mine', image.id, 'true');
  expect(taken.stderr).toContain('already in use');
  const path = store.mountContainer(id);
  expect(await ok('mount', 'mine')).toBe(path);
  expect(store.mounts().map(({ count }) => count)).toEqual([2]);
  await ok('umount', 'mine');
  expect(store.unmountContainer(id)).toBe(false);
  await ok('rm', 'mine');
  expect(store.containers()).toEqual([]);
  expect(store.check()).toEqual([]);
});

test('what Podman mounted while tspod had a container mounted does not hide it, nor the other way round', async () => {
  const image = await storeTwoLayers();
  const store = it.open();
  const id = newContainer(store, 'mine', image.id);
  const path = store.mountContainer(id);
  await ok('images');
  expect(existsSync(`${path}/etc/os-release`)).toBe(true);
  const podmans = await ok('image', 'mount', image.id);
  store.unmountContainer(id);
  expect(existsSync(`${podmans}/etc/os-release`)).toBe(true);
  await ok('image', 'umount', image.id);
  await ok('images');
  expect(mountsBelow(it.dir)).toEqual([]);
});

test('a container that Podman made is not deleted with its image by tspod', async () => {
  const image = await storeTwoLayers();
  await ok('create', '--name', 'theirs', image.id, 'true');
  await expect(it.open().deleteImage(image.id)).rejects.toMatchObject({ code: 'IMAGE_IN_USE' });
  expect(() => newContainer(it.open(), 'theirs', image.id)).toThrow(/already in use/);
  await ok('rm', 'theirs');
  expect(await it.open().deleteImage(image.id)).toHaveLength(2);
});

test('a tag that Podman moves is moved for tspod too, in an open store', async () => {
  const image = await storeTwoLayers();
  const store = it.open();
  expect(store.images()[0]?.names).toEqual(['localhost/two:latest']);
  await ok('tag', image.id, 'localhost/moved:1');
  expect(store.imageByName('localhost/moved:1')?.id).toBe(image.id);
  await ok('untag', image.id, 'localhost/two:latest');
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(store.imageByName('localhost/two:latest')).toBeNull();
});

test('marks of a dead tspod in the journal do not disturb Podman', async () => {
  const image = await storeTwoLayers();
  const layer = it.open().images()[0]!.layer!;
  const journal = `${it.root}/overlay-layers/volatile-layers.json`;
  const mark = { created: '2024-01-01T00:00:00Z', flags: { incomplete: true, 'tspod-unless-used': true } };
  writeFileSync(
    journal,
    JSON.stringify([
      { id: layer, ...mark },
      { id: 'b'.repeat(64), ...mark },
    ]),
  );
  expect(await ok('images', '-q', '--no-trunc')).toBe(`sha256:${image.id}`);
  const store = it.open();
  store.recover();
  expect(readFileSync(journal, 'utf8')).toBe('[]');
  expect(store.layers()).toHaveLength(2);
  expect(await store.checkFully()).toEqual([]);
});

test('Podman, Skopeo and several tspods change one store at once', async () => {
  for (const n of [1, 2, 3]) {
    writeFileSync(`${it.dir}/base${n}.tar`, await tarOf([...baseFiles, { name: `podman${n}`, content: '' }]));
  }
  const worker = async (seed: number) => {
    const store = it.open();
    const image = await makeImage(`localhost/t${seed}:latest`, [baseFiles, [{ name: `f${seed}`, content: `${seed}` }]]);
    await storeImage(store, image);
    const id = newContainer(store, `c${seed}`, image.id, seed % 2 === 0);
    store.mountContainer(id);
    store.deleteContainer(id);
  };
  const podmans = [1, 2, 3].map((n) => ok('import', '-q', `${it.dir}/base${n}.tar`, `localhost/p${n}:1`));
  const listings = [1, 2, 3].map(() => ok('images', '-q'));
  await Promise.all([...[0, 1, 2, 3].map(worker), ...podmans, ...listings]);
  const copy = exec('skopeo', ['copy', '-q', it.reference('localhost/t1:latest'), `dir:${it.dir}/copy`]);
  const first = it.open().imageByName('localhost/t0:latest')!;
  await Promise.all([copy, ok('rmi', 'localhost/p1:1'), it.open().deleteImage(first.id), worker(9)]);
  expect((await copy).exitCode).toBe(0);
  const store = it.open();
  expect(
    store
      .images()
      .flatMap(({ names }) => names ?? [])
      .sort(),
  ).toEqual(['p2:1', 'p3:1', 't1:latest', 't2:latest', 't3:latest', 't9:latest'].map((name) => `localhost/${name}`));
  expect(await store.checkFully()).toEqual([]);
  expect(store.containers()).toEqual([]);
  // Skopeo binds the driver's folder on itself too, and leaves that to the next command of Podman or tspod.
  store.recover();
  expect(mountsBelow(it.dir)).toEqual([]);
});
