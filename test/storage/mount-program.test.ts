import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type StoreOptions } from '../../src/storage/store.ts';
import { mountsBelow } from '../helpers/tspod.ts';
import { baseFiles, makeImage, newContainer, newTestStore, storeImage, type TestStore } from './helper.ts';

let it: TestStore;
const program = '/usr/bin/fuse-overlayfs';
const installed = existsSync(program) && existsSync('/dev/fuse');

beforeEach(() => {
  it = newTestStore();
});
afterEach(() => it.cleanup());

function open(options: Partial<StoreOptions> = {}) {
  return openStore({ graphRoot: it.root, runRoot: it.runroot, ...options });
}

function typeOf(path: string): string {
  const line = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .find((each) => each.split(' ')[4] === path);
  return / - (\S+) /.exec(line ?? '')?.[1] ?? '';
}

test.runIf(installed)('a mount program mounts in place of the kernel, and is remembered by the store', async () => {
  const store = open({ mountProgram: program });
  const image = await makeImage('localhost/two:latest', [baseFiles, [{ name: 'srv/.wh.a' }]]);
  await storeImage(store, image);
  const id = newContainer(store, 'c', image.id);
  const root = store.mountContainer(id);
  expect(typeOf(root)).toBe('fuse.fuse-overlayfs');
  expect(readdirSync(`${root}/srv`)).toEqual([]);
  writeFileSync(`${root}/etc/new`, 'x');
  rmSync(`${root}/etc/os-release`);
  rmSync(`${root}/bin`, { recursive: true });
  mkdirSync(`${root}/bin`);
  const changes = (await store.layerChanges(store.containers()[0]?.layer ?? '')).map(({ kind, path }) => kind + path);
  expect(changes).toEqual(['changed/bin', 'changed/etc', 'added/etc/new', 'deleted/etc/os-release']);
  const staged = await store.stageLayer(
    Readable.from(await store.tarOfChanges(store.containers()[0]?.layer ?? '')),
    {},
  );
  expect(readdirSync(`${staged.folder.path}/layer/diff`, { recursive: true })).toHaveLength(4);
  store.discard(staged);
  expect(readFileSync(`${it.root}/overlay/.has-mount-program`, 'utf8')).toBe('true');
  store.deleteContainer(id);
  expect(typeOf(open().mountImage(image.id))).toBe('fuse.fuse-overlayfs');
  open().unmountImage(image.id);
  expect(mountsBelow(it.dir)).toEqual([]);
});

test.runIf(installed)('where overlayfs cannot be used, fuse-overlayfs is', async () => {
  // An overlay is no upper folder for another one.
  const folders = ['lower', 'upper', 'work', 'root'].map((name) => `${it.dir}/${name}`);
  for (const folder of folders) mkdirSync(folder);
  const [lower, upper, work] = folders;
  const data = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  expect(spawnSync('mount', ['-t', 'overlay', 'overlay', '-o', data, it.root]).status).toBe(0);
  const store = open();
  const image = await makeImage('localhost/one:latest', [baseFiles]);
  await storeImage(store, image);
  const id = newContainer(store, 'c', image.id);
  const root = store.mountContainer(id);
  expect(typeOf(root)).toBe('fuse.fuse-overlayfs');
  writeFileSync(`${root}/etc/new`, 'x');
  expect(readFileSync(`${root}/etc/os-release`, 'utf8')).toBe('ID=test\n');
  store.deleteContainer(id);
});
