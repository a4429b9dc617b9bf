import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newUser, type TestUser } from '../helpers/user.ts';

let user: TestUser;

beforeAll(async () => {
  user = await newUser({ registry: inject('registry') });
  await user.ok('pull', '-q', 'busybox');
});

afterAll(() => user?.cleanup());

const run = (userns: string[], script: string) =>
  user.ok('run', '--rm', '--network', 'none', ...userns, 'busybox', 'sh', '-c', script);

const parts = (map: string) => map.split('\n').map((line) => line.trim().split(/\s+/).map(Number));

describe('a user namespace of its own for a container of a user', () => {
  it('keep-id gives the caller the same id inside, and root its files', async () => {
    const script = 'id -u; id -g; stat -c %u:%g /bin/busybox; touch /tmp/made; stat -c %u /tmp/made';
    expect(await run(['--userns', 'keep-id'], script)).toBe(`${user.uid}\n${user.uid}\n0:0\n${user.uid}`);
    expect(await run(['--userns', 'keep-id:uid=5,gid=6'], 'id -u; id -g')).toBe('5\n6');
  });

  it('keep-id shows files of the home folder as the own ones', async () => {
    await user.run(['mkdir', 'shared']);
    const mount = ['--userns', 'keep-id', '-v', `${user.home}/shared:/shared`];
    expect(await run(mount, 'stat -c %u /shared; touch /shared/new; stat -c %u /shared/new')).toBe(
      `${user.uid}\n${user.uid}`,
    );
    const { stdout } = await user.run(['stat', '-c', '%u', 'shared/new']);
    expect(stdout).toBe(`${user.uid}\n`);
  });

  it('nomap leaves the caller out', async () => {
    expect(parts(await run(['--userns', 'nomap'], 'cat /proc/self/uid_map'))).toEqual([[0, 1, 65_536]]);
  });

  it('auto gives each container ids that no other has', async () => {
    const names = ['one', 'two'];
    for (const name of names) {
      await user.ok('run', '-d', '--name', name, '--network', 'none', '--userns', 'auto', 'busybox', 'sleep', '1000');
    }
    const maps = await Promise.all(
      names.map(async (name) => parts(await user.ok('exec', name, 'cat', '/proc/self/uid_map'))),
    );
    expect(maps).toEqual([[[0, 1, 1024]], [[0, 1025, 1024]]]);
    await user.ok('rm', '-f', '-t', '0', ...names);
    const { exitCode, stderr } = await user.tspod('create', '--userns', 'auto:size=70000', 'busybox');
    expect(exitCode).toBe(125);
    expect(stderr).toContain('not enough unused IDs in user namespace');
  });

  it.each([
    [['--uidmap', '0:1:65536']],
    [['--uidmap', '0:1:65536', '--gidmap', '0:0:65536']],
    [['--uidmap', '0:0:65536', '--gidmap', '0:1:65536']],
  ])('%j runs whoever is mapped', async (maps) => {
    expect(await run(maps, 'id -u; stat -c %u:%g /bin/busybox')).toBe('0\n0:0');
  });

  it('is joined by container: and ns:', async () => {
    await user.ok(
      'run',
      '-d',
      '--name',
      'first',
      '--network',
      'none',
      '--userns',
      'keep-id',
      'busybox',
      'sleep',
      '1000',
    );
    const link = await user.ok('exec', 'first', 'readlink', '/proc/self/ns/user');
    const pid = await user.ok('inspect', '--format', '{{.State.Pid}}', 'first');
    for (const userns of ['container:first', `ns:/proc/${pid}/ns/user`]) {
      expect(await run(['--userns', userns], 'readlink /proc/self/ns/user')).toBe(link);
    }
    expect(await user.ok('inspect', '--format', '{{.HostConfig.UsernsMode}}', 'first')).toBe('private');
    await user.ok('rm', '-f', '-t', '0', 'first');
  });

  it('commits with the ids that the container sees', async () => {
    const script = 'touch /mine; chown 7:8 /mine; chmod 4755 /mine';
    await user.ok(
      'run',
      '--name',
      'source',
      '--network',
      'none',
      '--userns',
      'keep-id',
      '-u',
      '0',
      'busybox',
      'sh',
      '-c',
      script,
    );
    await user.ok('commit', '-q', 'source', 'result');
    expect(await user.ok('run', '--rm', '--network', 'none', 'result', 'stat', '-c', '%u:%g %a', '/mine')).toBe(
      '7:8 4755',
    );
    await user.ok('rm', 'source');
  });

  it('takes its copies of the image away with the image', async () => {
    await user.ok('rmi', '--all', '--force');
    const { stdout } = await user.run([
      'sh',
      '-c',
      'ls .local/share/containers/storage/overlay | grep -c "^[0-9a-f]*$"',
    ]);
    expect(stdout).toBe('0\n');
    expect(await user.ok('system', 'check')).toBe('');
  });
});
