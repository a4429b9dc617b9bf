import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../helpers/registry.ts';
import { newUser, type TestUser } from '../helpers/user.ts';

let user: TestUser;

beforeAll(async () => {
  user = await newUser({ registry: inject('registry') });
  await user.ok('pull', '-q', 'busybox');
});

afterAll(() => user?.cleanup());

describe('slirp4netns', () => {
  it('gives a container its network, with the options of the command line, and ends with it', async () => {
    const options = 'slirp4netns:cidr=10.11.12.0/24,mtu=1400,enable_ipv6=false';
    const script = 'cat /etc/resolv.conf /etc/hosts; ip -o addr; ip -o link show tap0';
    const said = await user.ok('run', '--rm', '--network', options, 'busybox', 'sh', '-c', script);
    expect(said).toContain('nameserver 10.11.12.3\n');
    expect(said).toMatch(/^10\.11\.12\.100\t/m);
    expect(said).toContain('inet 10.11.12.100/24');
    expect(said).toContain('mtu 1400');
    const none = `for i in $(seq 50); do pgrep -u ${user.uid} slirp4netns || exit 0; sleep 0.1; done; exit 1`;
    expect((await user.run(['sh', '-c', none])).exitCode).toBe(0);
    expect((await user.run(['ls', `${user.runtimeDir}/netns`])).stdout).toBe('');
  });

  it('publishes ports', async () => {
    const port = await freePort();
    const server = 'while :; do nc -l -p 80 -e echo hello; done';
    await user.ok(
      'run',
      '-d',
      '--name',
      's',
      '--network',
      'slirp4netns',
      '-p',
      `${port}:80`,
      'busybox',
      'sh',
      '-c',
      server,
    );
    const asked = await user.run(['socat', '-u', `TCP:127.0.0.1:${port},retry=50,interval=0.1`, '-']);
    expect(asked.stdout).toBe('hello\n');
    await user.ok('rm', '-f', '-t', '0', 's');
  });

  it.each([
    ['nonsense=1', 'unknown option for slirp4netns: "nonsense=1"'],
    ['cidr=10', 'invalid cidr "10"'],
    ['mtu=5', 'invalid mtu "5"'],
    ['enable_ipv6=maybe', 'invalid value of enable_ipv6 for slirp4netns: "maybe"'],
    ['port_handler=other', 'unknown port_handler for slirp4netns: "other"'],
    ['port_handler=slirp4netns', 'port_handler=slirp4netns is not supported: leave it out'],
  ])('refuses %s', async (option, words) => {
    const { stderr, exitCode } = await user.tspod(
      'run',
      '--rm',
      '--network',
      `slirp4netns:${option}`,
      'busybox',
      'true',
    );
    expect(stderr).toBe(`Error: ${words}\n`);
    expect(exitCode).not.toBe(0);
  });
});
