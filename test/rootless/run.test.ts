import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newUser, type TestUser } from '../helpers/user.ts';

let user: TestUser;

beforeAll(async () => {
  user = await newUser({ registry: inject('registry') });
  await user.ok('pull', '-q', 'busybox');
});

afterAll(() => user?.cleanup());

describe('a user who is not root', () => {
  it('has a store below the home folder and is told so by info', async () => {
    const template = '{{.Host.Security.Rootless}} {{.Store.GraphRoot}} {{.Store.RunRoot}}';
    const [rootless, graphRoot, runRoot] = (await user.ok('info', '--format', template)).split(' ');
    expect(rootless).toBe('true');
    expect(graphRoot).toBe(`${user.home}/.local/share/containers/storage`);
    expect(runRoot).toBe(`${user.runtimeDir}/containers`);
  });

  it.each(['crun', 'runc'])('runs a container as its root by %s', async (runtime) => {
    const script = 'id -u; cat /proc/self/uid_map; touch /made; stat -c %u /made';
    const lines = (
      await user.ok('--runtime', runtime, 'run', '--rm', '--network', 'none', 'busybox', 'sh', '-c', script)
    ).split('\n');
    expect(lines[0]).toBe('0');
    expect(lines[1]?.trim().split(/\s+/)).toEqual(['0', String(user.uid), '1']);
    expect(lines.at(-1)).toBe('0');
  });

  it('keeps a container that other calls see, enter, stop and remove', async () => {
    await user.ok('run', '-d', '--name', 'long', '--network', 'none', 'busybox', 'sh', '-c', 'echo said; sleep 1000');
    expect(await user.ok('ps', '--format', '{{.Names}}')).toBe('long');
    expect(await user.ok('exec', '--user', '1000', 'long', 'id', '-u')).toBe('1000');
    expect(await user.ok('logs', 'long')).toBe('said');
    await user.ok('stop', '-t', '0', 'long');
    await user.ok('start', 'long');
    await user.ok('rm', '-f', '-t', '0', 'long');
    expect(await user.ok('ps', '-aq')).toBe('');
  });

  it('commits what a container deleted and replaced', async () => {
    const script = 'rm -r /etc/network 2>/dev/null; mkdir /etc/network; rm /etc/passwd; touch /etc/network/new';
    await user.ok('run', '--name', 'edited', '--network', 'none', 'busybox', 'sh', '-c', script);
    await user.ok('commit', '-q', 'edited', 'after');
    const list = ['run', '--rm', '--network', 'none', 'after', 'sh', '-c', 'ls /etc/network; ls /etc/passwd'];
    const { stdout, stderr } = await user.tspod(...list);
    expect(stdout).toBe('new\n');
    expect(stderr).toContain('No such file');
    await user.ok('rm', 'edited');
  });

  it('gets a clear word for limits that only root can set', async () => {
    const { stderr, exitCode } = await user.tspod(
      'run',
      '--rm',
      '--memory',
      '16m',
      '--network',
      'none',
      'busybox',
      'true',
    );
    if (exitCode === 0) return;
    expect(exitCode).toBe(125);
    expect(stderr).toMatch(
      /^Error: this machine cannot set the limit of --memory: (on cgroup v1 only root can|no cgroup controller)/,
    );
  });
});
