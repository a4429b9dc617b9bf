import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadStorageConf } from '../../src/config/storage-conf.ts';

let dir: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tspod-conf-'));
  env = { CONTAINERS_STORAGE_CONF: join(dir, 'storage.conf'), HOME: join(dir, 'home') };
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function write(text: string): void {
  writeFileSync(join(dir, 'storage.conf'), text);
}

const ofRoot = process.geteuid?.() === 0;

test.runIf(ofRoot)('without a file it is where Podman keeps it', () => {
  expect(loadStorageConf({}, env)).toMatchObject({
    graphRoot: '/var/lib/containers/storage',
    runRoot: '/run/containers/storage',
    driver: 'overlay',
    mountopt: '',
    additionalImageStores: [],
  });
});

test('the file decides, the command line wins', () => {
  write(`[storage]
driver = "overlay"
graphroot = "/srv/store/"
runroot = "/run/x"
[storage.options]
additionalimagestores = ["/ro/one", "/ro/two"]
[storage.options.overlay]
mountopt = "nodev,metacopy=on"
skip_mount_home = "true"
sync = "filesystem"
`);
  const file = loadStorageConf({}, env);
  expect(file).toMatchObject({
    graphRoot: '/srv/store',
    runRoot: '/run/x',
    mountopt: 'nodev,metacopy=on',
    additionalImageStores: ['/ro/one', '/ro/two'],
    skipMountHome: true,
    sync: 'filesystem',
  });
  const line = loadStorageConf({ root: '/a', runroot: '/b', storageOpts: ['overlay.mountopt=nosuid'] }, env);
  expect(line).toMatchObject({ graphRoot: '/a', runRoot: '/b', mountopt: 'nosuid' });
});

test('variables in paths are expanded', () => {
  write('[storage]\ndriver = "overlay"\ngraphroot = "$HOME/store"\nrunroot = "/run/user/$UID/c"\n');
  const conf = loadStorageConf({}, { ...env, USER: 'bob' });
  expect(conf.graphRoot).toBe(`${dir}/home/store`);
  expect(conf.runRoot).toBe(`/run/user/${process.geteuid?.()}/c`);
});

test('STORAGE_OPTS and --storage-opt add read-only stores; the latter replaces the former', () => {
  write('');
  const fromEnv = { ...env, STORAGE_OPTS: 'additionalimagestore=/e,overlay.ignore_chown_errors=true' };
  expect(loadStorageConf({}, fromEnv)).toMatchObject({ additionalImageStores: ['/e'], ignoreChownErrors: true });
  const line = loadStorageConf({ storageOpts: ['additionalimagestore=/l'] }, fromEnv);
  expect(line).toMatchObject({ additionalImageStores: ['/l'], ignoreChownErrors: false });
});

test('drop-ins are read after the file', () => {
  mkdirSync(join(dir, 'home/.config/containers'), { recursive: true });
  write('[storage]\ngraphroot = "/one"\nrunroot = "/run/one"\n');
  writeFileSync(join(dir, 'over.conf'), '[storage]\ngraphroot = "/two"\n');
  const conf = loadStorageConf({}, { ...env, CONTAINERS_STORAGE_CONF_OVERRIDE: join(dir, 'over.conf') });
  expect(conf).toMatchObject({ graphRoot: '/two', runRoot: '/run/one' });
});

test('relative paths of the command line are made absolute', () => {
  write('');
  expect(loadStorageConf({ root: 'here//x/' }, env).graphRoot).toBe(`${process.cwd()}/here/x`);
});

test.each([
  ['no TOML', '[storage\ngraphroot = \n', 'BAD_CONFIG', /storage\.conf/],
  ['a number for a path', '[storage]\ngraphroot = 7\n', 'BAD_CONFIG', /storage\.graphroot is not a string/],
  ['storage that is no table', 'storage = 1\n', 'BAD_CONFIG', /is not a table/],
  ['another driver', '[storage]\ndriver = "btrfs"\n', 'UNSUPPORTED', /"btrfs"/],
  ['an image store', '[storage]\nimagestore = "/x"\n', 'UNSUPPORTED', /imagestore/],
  ['a mask', '[storage.options.overlay]\nforce_mask = "shared"\n', 'UNSUPPORTED', /force_mask/],
])('%s in the file is one clear error', (_what, text, code, words) => {
  write(text);
  expect(() => loadStorageConf({}, env)).toThrow(
    expect.objectContaining({ code, message: expect.stringMatching(words) }),
  );
});

test('the driver is the one asked for, else the one that the graph root has', () => {
  write('[storage.options]\nmountopt = "nodev"\nignore_chown_errors = "true"\n');
  mkdirSync(join(dir, 'root/vfs'), { recursive: true });
  const root = join(dir, 'root');
  expect(loadStorageConf({ root }, env)).toMatchObject({ driver: 'vfs', mountopt: '', ignoreChownErrors: true });
  expect(loadStorageConf({ root, storageDriver: 'overlay' }, env)).toMatchObject({ driver: 'overlay' });
  expect(loadStorageConf({ root }, { ...env, STORAGE_DRIVER: 'overlay' })).toMatchObject({ driver: 'overlay' });
  mkdirSync(join(dir, 'root/overlay'));
  expect(loadStorageConf({ root }, env)).toMatchObject({ driver: 'overlay', mountopt: 'nodev' });
  write('[storage]\ndriver_priority = ["zfs", "vfs", "overlay"]\n');
  expect(loadStorageConf({}, env).driver).toBe('vfs');
});

test.each([
  ['vfs', 'vfs.mountopt=nodev', /vfs driver does not support mount options/],
  ['vfs', 'overlay.mountopt=nodev', /vfs driver does not support overlay.mountopt options/],
  ['overlay', 'overlay.size=1G', /"overlay.size" is not supported/],
  ['overlay', 'overlay.use_composefs=true', /"overlay.use_composefs" is not supported/],
  ['overlay', 'overlay.mount_program=/nonexistent/fuse', /can't stat program/],
  ['overlay', 'overlay.force_mask=rwx', /force_mask "rwx"/],
  ['overlay', 'overlay.skip_mount_home=maybe', /no boolean/],
  ['overlay', 'additionalimagestore=here', /is not absolute/],
  ['overlay', 'overlay.mountopt', /has no value/],
])('with the driver %s the option %s is one clear error', (storageDriver, option, words) => {
  write('');
  expect(() => loadStorageConf({ storageDriver, storageOpts: [option] }, env)).toThrow(words);
});

test('an unknown option of the driver is refused, "overlay2" is another name of it', () => {
  write('');
  expect(() => loadStorageConf({ storageOpts: ['overlay.bogus=1'] }, env)).toThrow(/unknown option bogus/);
  expect(() => loadStorageConf({ storageDriver: 'btrfs' }, env)).toThrow(/"btrfs" is not supported/);
  expect(loadStorageConf({ storageDriver: 'overlay2', storageOpts: ['overlay2.mountopt=nodev'] }, env).mountopt).toBe(
    'nodev',
  );
});
