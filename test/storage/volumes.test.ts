import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Store } from '../../src/storage/store.ts';
import { mountsBelow } from '../helpers/tspod.ts';
import { newTestStore, type TestStore } from './helper.ts';

let it: TestStore;
let store: Store;

beforeEach(() => {
  it = newTestStore();
  store = it.open();
});
afterEach(() => it.cleanup());

test('a volume is a folder where Podman would have it', () => {
  const volume = store.createVolume('data', { labels: { a: 'b' } });
  expect(volume.mountpoint).toBe(`${it.root}/volumes/data/_data`);
  expect(statSync(volume.mountpoint).mode & 0o777).toBe(0o755);
  expect(it.open().volumes()).toEqual([volume]);
  expect(it.open().findVolume('da')).toEqual(volume);
});

test('a name is made up, checked, and given once', () => {
  expect(store.createVolume('').name).toMatch(/^[0-9a-f]{64}$/);
  store.createVolume('data');
  expect(() => store.createVolume('data')).toThrow('volume with name data already exists: volume already exists');
  for (const name of ['../x', '.hidden', 'a/b', '-x', 'a b']) {
    expect(() => store.createVolume(name)).toThrow(/names must match/);
  }
  expect(readdirSync(`${it.root}/volumes`)).toHaveLength(2);
});

test('an unknown or ambiguous volume is an error', () => {
  store.createVolume('one1');
  store.createVolume('one2');
  expect(() => store.findVolume('one')).toThrow(expect.objectContaining({ code: 'AMBIGUOUS_NAME' }));
  expect(() => store.findVolume('x')).toThrow('no volume with name "x" found: no such volume');
  expect(() => store.removeVolume('x')).toThrow(expect.objectContaining({ code: 'NO_SUCH_VOLUME' }));
  expect(store.volumeByName('../volumes/one1')).toBeNull();
});

test('a removed volume is gone with its content', () => {
  const volume = store.createVolume('data');
  mkdirSync(`${volume.mountpoint}/deep/er`, { recursive: true });
  writeFileSync(`${volume.mountpoint}/deep/er/file`, 'x');
  store.removeVolume('data');
  expect(readdirSync(`${it.root}/volumes`)).toEqual([]);
  expect(store.volumes()).toEqual([]);
});

test('a volume of Podman is seen and used, and not deleted', () => {
  mkdirSync(`${it.root}/volumes/theirs/_data`, { recursive: true });
  expect(store.findVolume('theirs')).toMatchObject({ foreign: true, driver: 'local' });
  expect(store.mountVolume('theirs', 'c')).toBe(`${it.root}/volumes/theirs/_data`);
  expect(() => store.removeVolume('theirs')).toThrow(/not made by tspod/);
  expect(existsSync(`${it.root}/volumes/theirs/_data`)).toBe(true);
});

test('a volume that is a file system is mounted while somebody uses it', () => {
  const volume = store.createVolume('tmp', { options: { type: 'tmpfs', device: 'tmpfs', o: 'size=2M,mode=0700' } });
  store.mountVolume('tmp', 'one');
  store.mountVolume('tmp', 'two');
  expect(mountsBelow(it.dir)).toEqual([volume.mountpoint]);
  store.unmountVolume('tmp', 'one');
  expect(mountsBelow(it.dir)).toHaveLength(1);
  store.unmountVolume('tmp', 'two');
  store.unmountVolume('tmp', 'two');
  expect(mountsBelow(it.dir)).toEqual([]);
});

test('a volume can be a bind of a folder', () => {
  mkdirSync(`${it.dir}/source`);
  writeFileSync(`${it.dir}/source/file`, '');
  const volume = store.createVolume('bound', { options: { type: 'bind', device: `${it.dir}/source` } });
  expect(readdirSync(store.mountVolume('bound', 'one'))).toEqual(['file']);
  store.unmountVolume('bound', 'one');
  expect(readdirSync(volume.mountpoint)).toEqual([]);
  expect(() => store.createVolume('x', { options: { type: 'bind', device: '/bogus' } })).toThrow(
    "invalid volume option device for driver 'local': faccessat /bogus: no such file or directory",
  );
});

test('a mount that fails says so in one line, and leaves nothing', () => {
  store.createVolume('bad', { options: { type: 'nosuchfs', device: 'x' } });
  expect(() => store.mountVolume('bad', 'one')).toThrow(/^mounting volume bad: [^\n]+$/);
  expect(mountsBelow(it.dir)).toEqual([]);
});

test('owner and options are kept and checked', () => {
  expect(store.createVolume('own', { uid: 7, gid: 8 })).toMatchObject({ uid: 7, gid: 8, needsChown: false });
  expect(statSync(`${it.root}/volumes/own/_data`)).toMatchObject({ uid: 7, gid: 8 });
  expect(store.createVolume('opt', { options: { o: 'uid=5,gid=6' } })).toMatchObject({ uid: 5, gid: 6 });
  expect(() => store.createVolume('x', { options: { bogus: '1' } })).toThrow(/invalid mount option bogus/);
  store.createVolume('fill');
  store.volumeFilled('fill', 3, 4);
  expect(store.findVolume('fill')).toMatchObject({ uid: 3, gid: 4, needsCopyUp: false, needsChown: false });
});
