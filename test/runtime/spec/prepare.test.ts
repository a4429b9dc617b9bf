import { mkdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { prepareRun } from '../../../src/runtime/spec/prepare.ts';
import { removeRootfs, rootfsWith, specInput } from './spec-of.ts';

afterEach(removeRootfs);

async function prepare(argv: string[], rootfs: string, image = {}) {
  const { config, host, volumeDir } = await specInput(argv, { rootfs, image } as never);
  return prepareRun({ config, host, volumeDir, rootfs, runDir: rootfsWith({}) });
}

const accounts = { 'etc/passwd': 'root:x:0:0::/root:/bin/sh\n', 'etc/group': 'root:x:0:\n' };

test('a numeric user that the image does not know gets a line in passwd and group', async () => {
  const rootfs = rootfsWith(accounts);
  expect(await prepare(['-u', '123456:777', '-w', '/etc'], rootfs)).toMatchObject({
    passwd: undefined,
    group: undefined,
  });
  expect(readFileSync(`${rootfs}/etc/passwd`, 'utf8')).toBe(
    'root:x:0:0::/root:/bin/sh\n123456:*:123456:777:container user:/etc:/bin/sh\n',
  );
  expect(readFileSync(`${rootfs}/etc/group`, 'utf8')).toBe('root:x:0:\n777:x:777:123456\n');
  await prepare(['-u', '123456:777'], rootfs);
  expect(readFileSync(`${rootfs}/etc/passwd`, 'utf8').split('\n')).toHaveLength(3);
});

test('a read-only container gets copies instead', async () => {
  const rootfs = rootfsWith(accounts);
  const files = await prepare(
    ['--read-only', '-u', '123456', '--passwd-entry', '$USERNAME:x:$UID:$GID::$HOME:/x'],
    rootfs,
  );
  expect(readFileSync(`${rootfs}/etc/passwd`, 'utf8')).toBe(accounts['etc/passwd']);
  expect(readFileSync(String(files.passwd), 'utf8')).toBe(`${accounts['etc/passwd']}123456:x:123456:0::/:/x\n`);
});

test('root, known users and files mounted by the user leave the files alone', async () => {
  const rootfs = rootfsWith(accounts);
  await prepare([], rootfs);
  await prepare(['-u', 'root'], rootfs);
  const other = rootfsWith({ passwd: '' });
  await prepare(['-u', '5:0', '-v', `${other}/passwd:/etc/passwd`], rootfs);
  expect(readFileSync(`${rootfs}/etc/passwd`, 'utf8')).toBe(accounts['etc/passwd']);
  expect(readFileSync(`${other}/passwd`, 'utf8')).toBe('');
});

test('.containerenv tells only a privileged container who it is', async () => {
  const rootfs = rootfsWith(accounts);
  const plain = await prepare([], rootfs);
  expect(readFileSync(String(plain.containerenv), 'utf8')).toBe('');
  const privileged = await prepare(['--privileged', '--name', 'web'], rootfs);
  expect(readFileSync(String(privileged.containerenv), 'utf8')).toContain('name="web"\n');
});

test('the working directory of the image is made and given to the user', async () => {
  const rootfs = rootfsWith(accounts);
  await prepare(['-u', '55:66'], rootfs, { WorkingDir: '/srv/app' });
  expect(statSync(`${rootfs}/srv/app`)).toMatchObject({ uid: 55, gid: 66 });
});

test('a working directory of the command line must exist', async () => {
  const rootfs = rootfsWith({ ...accounts, file: '' });
  await expect(prepare(['-w', '/nosuch'], rootfs)).rejects.toThrow(/^workdir "\/nosuch" does not exist on container/);
  await expect(prepare(['-w', '/file'], rootfs)).rejects.toThrow('but is not a directory');
  await expect(prepare(['-w', '/tmp/x', '--tmpfs', '/tmp'], rootfs)).resolves.toBeDefined();
});

test('CVE-2024-21626: a link in the image makes no folder outside of it', async () => {
  const outside = rootfsWith({});
  const rootfs = rootfsWith(accounts);
  symlinkSync(outside, join(rootfs, 'out'));
  await expect(prepare([], rootfs, { WorkingDir: '/out/dir' })).rejects.toThrow('broken link');
  expect(() => statSync(join(outside, 'dir'))).toThrow('ENOENT');
});

test('U gives the source to the user, but never a folder of the system', async () => {
  const rootfs = rootfsWith(accounts);
  const source = rootfsWith({ 'a/b': '' });
  await prepare(['-u', '7:8', '-v', `${source}:/x:U`], rootfs);
  expect(statSync(`${source}/a/b`)).toMatchObject({ uid: 7, gid: 8 });
  await expect(prepare(['-u', '7', '-v', '/etc:/x:U'], rootfs)).rejects.toThrow(
    'chowning host path "/etc" is not allowed',
  );
});

test('--tz copies the zone', async () => {
  const rootfs = rootfsWith(accounts);
  mkdirSync(`${rootfs}/zone`);
  const { localtime } = await prepare(['--tz', 'Europe/Berlin'], rootfs);
  expect(readFileSync(String(localtime))).toEqual(readFileSync('/usr/share/zoneinfo/Europe/Berlin'));
  rmSync(`${rootfs}/zone`, { recursive: true });
});
