import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { mountsBelow } from '../helpers/tspod.ts';
import { baseFiles, makeImage, newContainer, newTestStore, storeImage, type TestStore } from './helper.ts';

let it: TestStore;

beforeEach(() => {
  it = newTestStore();
  mkdirSync(it.root);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=90M', 'tmpfs', it.root]);
  expect(status).toBe(0);
});
afterEach(() => it.cleanup());

/** Fills the disk up to some bytes. */
function fill(leave: number): void {
  const { bavail, bsize } = statfsSync(it.root);
  writeFileSync(`${it.root}/filler`, Buffer.alloc(Math.max(bavail * bsize - leave, 0)));
}

test('an image that does not fit is one clear error, and nothing of it stays', async () => {
  const store = it.open();
  const small = await makeImage('localhost/small:latest', [baseFiles]);
  await storeImage(store, small);
  const big = await makeImage('localhost/big:latest', [[{ name: 'big', content: randomBytes(100 << 20) }]]);
  await expect(storeImage(store, big)).rejects.toMatchObject({ code: 'NO_SPACE' });
  expect(readdirSync(`${it.root}/overlay/tempdirs`)).toEqual([]);
  expect(store.images().map(({ id }) => id)).toEqual([small.id]);
  expect(await store.checkFully({ maxUnreferencedAge: 0 })).toEqual([]);
});

test.each([0, 4096, 8192, 16384, 24576, 40960])(
  'with %i bytes left a store stays whole, whatever is tried',
  async (left) => {
    const store = it.open();
    const image = await makeImage('localhost/one:latest', [baseFiles]);
    await storeImage(store, image);
    const id = newContainer(store, 'before', image.id);
    fill(left);
    const attempts = [
      () => newContainer(store, 'volatile', image.id, true),
      () => newContainer(store, 'kept', image.id),
      () => store.addImageName(image.id, `localhost/${'long'.repeat(500)}:latest`),
      () => store.mountContainer(id),
    ];
    for (const attempt of attempts) {
      try {
        attempt();
      } catch (error) {
        expect(error).toMatchObject({ code: expect.stringMatching(/^(NO_SPACE|SYSTEM)$/) });
      }
    }
    rmSync(`${it.root}/filler`);
    store.recover();
    expect(store.images().map((each) => each.id)).toEqual([image.id]);
    expect(store.containers().map((each) => each.id)).toContain(id);
    expect(await store.checkFully({ maxUnreferencedAge: 0 })).toEqual([]);
    for (const each of store.containers()) store.deleteContainer(each.id);
    await store.deleteImage(image.id);
    expect(readdirSync(`${it.root}/overlay`).filter((name) => name.length === 64)).toEqual([]);
    expect(mountsBelow(it.dir).filter((path) => path !== it.root)).toEqual([]);
  },
);
