import { statSync } from 'node:fs';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { newUser, type TestUser, type TestUserOptions } from '../helpers/user.ts';

const users: TestUser[] = [];

async function makeUser(options: TestUserOptions = {}): Promise<TestUser> {
  const user = await newUser({ registry: inject('registry'), ...options });
  users.push(user);
  return user;
}

afterEach(async () => {
  for (const user of users.splice(0)) await user.cleanup();
});

const runId = ['run', '--rm', '--network', 'none', 'busybox', 'id', '-u'];

describe('subordinate ids', () => {
  it('that are missing leave one id, with one line of warning, and images still run', async () => {
    const user = await makeUser({ ranges: () => '' });
    const pull = await user.tspod('pull', '-q', 'busybox');
    expect(pull.exitCode).toBe(0);
    expect(pull.stderr).toMatch(/^WARN: user \d+ has no ranges in \/etc\/subuid and \/etc\/subgid: [^\n]+\n$/);
    const { stdout, stderr } = await user.tspod(...runId);
    expect([stdout, stderr]).toEqual(['0\n', '']);
  });

  it('that overlap are told by their numbers', async () => {
    const user = await makeUser({ ranges: (uid) => `${uid}:500000:1000\n${uid}:500500:1000\n` });
    const { exitCode, stderr } = await user.tspod('info');
    expect(exitCode).toBe(125);
    expect(stderr).toContain('the ranges 500500:1000 and 500000:1000 of this user in "/etc/subuid"');
    expect(stderr.split('\n')).toHaveLength(2);
  });

  it('that are too few for an image are told with the id that is missing', async () => {
    const user = await makeUser({ ranges: (uid) => `${uid}:500000:5\n` });
    const { exitCode, stderr } = await user.tspod('pull', '-q', 'busybox');
    expect(exitCode).toBe(125);
    expect(stderr).toContain('potentially insufficient UIDs or GIDs available in user namespace');
  });

  it('count by name too, and lines that make no sense do not', async () => {
    const user = await makeUser({ ranges: (uid) => `u${uid}:700000:70\nu${uid}:x:1\nother:1:1\n:\n` });
    const map = await user.run([user.binary, 'unshare', 'cat', '/proc/self/uid_map']);
    expect(map.stdout.trim().split(/\s+/).map(Number)).toEqual([0, user.uid, 1, 1, 700_000, 70]);
  });
});

describe('a machine that does not allow it', () => {
  it('without newuidmap says which package has it', async () => {
    const user = await makeUser({ setup: 'mount --bind /dev/null "$(command -v newuidmap)"' });
    const { exitCode, stderr } = await user.run(['env', `PATH=${user.home}`, '/bin/sh', user.binary, 'info']);
    expect([exitCode, stderr.includes('install the package uidmap') || stderr]).toEqual([125, true]);
  });

  it('without user namespaces names the sysctl, and version still answers', async () => {
    const user = await makeUser();
    // Root without the right to mount, where no more user namespaces may be made.
    const script = 'echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-sys_admin "$@"';
    const inside = ['unshare', '--user', '--map-root-user', 'sh', '-c', script, 'sh', user.binary];
    const { exitCode, stderr } = await user.run([...inside, 'info']);
    const words = 'user namespaces are switched off: set the sysctl user.max_user_namespaces to 28633';
    expect([exitCode, stderr]).toEqual([125, `Error: ${words}\n`]);
    expect((await user.run([...inside, 'version', '--format', '{{.Client.Os}}'])).stdout).toBe('linux\n');
  });
});

describe('folders of a user', () => {
  it('are found without XDG_RUNTIME_DIR, or with that of another user (su without a session)', async () => {
    const user = await makeUser();
    const template = ['info', '--format', '{{.Store.RunRoot}}'];
    for (const value of [undefined, '/run/user/0', '/nonexistent']) {
      const { stdout, stderr } = await user.run([user.binary, ...template], { env: { XDG_RUNTIME_DIR: value } });
      expect([stdout, stderr]).toEqual([`${user.runtimeDir}/containers\n`, '']);
    }
  });

  it("fall back to one in /tmp that is this user's alone", async () => {
    const user = await makeUser({ setup: 'umount /run/user' });
    const { stdout } = await user.tspod('info', '--format', '{{.Store.RunRoot}}');
    expect(stdout).toBe(`/tmp/storage-run-${user.uid}/containers\n`);
    expect(statSync(`/tmp/storage-run-${user.uid}`).mode & 0o777).toBe(0o700);
    await user.run(['sh', '-c', `kill -9 $(cat /tmp/storage-run-${user.uid}/libpod/tmp/pause.pid)`]);
    await user.asRoot(['rm', '-rf', '--one-file-system', `/tmp/storage-run-${user.uid}`]);
  });

  it('of another user in /tmp are refused', async () => {
    const user = await makeUser({ setup: 'umount /run/user; install -d -m 777 /tmp/storage-run-$USER_ID' });
    const { exitCode, stderr } = await user.tspod('info');
    expect([exitCode, stderr.split('\n').length]).toEqual([125, 2]);
    expect(stderr).toContain('must be writable by this user alone');
    await user.asRoot(['rmdir', `/tmp/storage-run-${user.uid}`]);
  });

  it('that are read-only or full end in one line that names them', async () => {
    const readOnly = await makeUser({
      setup: 'mount --bind "$HOME_DIR" "$HOME_DIR"; mount -o remount,bind,ro "$HOME_DIR"',
    });
    const refused = await readOnly.tspod('pull', '-q', 'busybox');
    expect(refused.exitCode).toBe(125);
    expect(refused.stderr).toMatch(/^Error: [^\n]*(read-only file system|EROFS)[^\n]*\n/i);
    const small =
      'cp -a "$HOME_DIR/.config" /run/user/conf; mount -t tmpfs -o size=600k tmpfs "$HOME_DIR"; cp -a /run/user/conf "$HOME_DIR/.config"; chown $USER_ID:$USER_ID "$HOME_DIR"';
    const full = await makeUser({ setup: small });
    const { exitCode, stderr } = await full.tspod('pull', '-q', 'busybox');
    expect(exitCode).toBe(125);
    expect(stderr).toMatch(/no space left/i);
  });

  it('may be on a noexec home', async () => {
    const user = await makeUser({
      setup: 'mount --bind "$HOME_DIR" "$HOME_DIR"; mount -o remount,bind,noexec "$HOME_DIR"',
    });
    await user.ok('pull', '-q', 'busybox');
    const { exitCode, stdout } = await user.tspod(...runId);
    expect([exitCode, stdout]).toEqual([0, '0\n']);
  });
});

describe('two users at once', () => {
  it('work beside each other, and nothing of one can be read by the other', async () => {
    const [one, two] = await Promise.all([makeUser(), makeUser()]);
    await Promise.all([one, two].map((user) => user.ok('pull', '-q', 'busybox')));
    const ids = await Promise.all([one, two].map((user) => user.ok(...runId)));
    expect(ids).toEqual(['0', '0']);
    const peek = ['setpriv', `--reuid=${two.uid}`, `--regid=${two.uid}`, '--clear-groups', 'ls'];
    for (const path of ['.local/share/containers/storage/overlay', '.local/share/containers/storage/tspod']) {
      expect((await one.asRoot([...peek, `${one.home}/${path}`])).stderr).toContain('Permission denied');
    }
    expect((await one.asRoot([...peek, one.runtimeDir])).stderr).toContain('Permission denied');
  });

  it('root beside a user has a store of its own', async () => {
    const user = await makeUser();
    await user.ok('info');
    const { stdout } = await user.asRoot([
      user.binary,
      'info',
      '--format',
      '{{.Store.GraphRoot}} {{.Host.Security.Rootless}}',
    ]);
    expect(stdout).toMatch(/^\/var\/lib\/containers\/storage false\n$/);
  });
});
