import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../helpers/registry.ts';
import { newUser, type TestUser } from '../helpers/user.ts';

let user: TestUser;

beforeAll(async () => {
  user = await newUser({ registry: inject('registry') });
  await user.ok('pull', '-q', 'busybox');
});

afterAll(() => user?.cleanup());

async function inFolder(...argv: string[]): Promise<string> {
  const { stdout } = await user.run([...argv]);
  return stdout.trim();
}

const folder = () => `${user.runtimeDir}/tspod/bridges`;

describe('a bridge network of a user', () => {
  it('is made, listed, used by name, inspected and removed', async () => {
    expect(await user.ok('network', 'create', 'mine')).toBe('mine');
    expect(await user.ok('network', 'ls', '-q')).toBe('mine\npodman');
    const server = 'while :; do echo reached | nc -l -p 80; done';
    await user.ok('run', '-d', '--name', 'one', '--network', 'mine', 'busybox', 'sh', '-c', server);
    const ip = await user.ok('inspect', '--format', '{{.NetworkSettings.Networks.mine.IPAddress}}', 'one');
    const script = `nc -w 5 ${ip} 80 </dev/null; cat /etc/resolv.conf`;
    const said = await user.ok('run', '--rm', '--network', 'mine', 'busybox', 'sh', '-c', script);
    expect(said).toMatch(/^reached\nsearch dns\.podman\n/);
    await user.ok('network', 'create', 'other');
    await user.ok('network', 'connect', 'other', 'one');
    expect(await user.ok('exec', 'one', 'ip', '-o', '-4', 'addr')).toMatch(/eth1/);
    await user.ok('network', 'disconnect', 'mine', 'one');
    expect(await user.ok('exec', 'one', 'ip', '-o', '-4', 'addr')).not.toMatch(/eth0/);
    await user.ok('rm', '-f', '-t', '0', 'one');
    await user.ok('network', 'rm', 'mine', 'other');
    expect(await user.ok('network', 'ls', '-q')).toBe('podman');
  });

  it('shows nothing of itself on the host, and its namespace goes with the last container', async () => {
    await user.ok('run', '-d', '--name', 'last', '--network', 'bridge', 'busybox', 'sleep', '1000');
    expect(readFileSync('/proc/net/dev', 'utf8')).not.toContain(
      (await user.ok('inspect', '-f', '{{.Id}}', 'last')).slice(0, 8),
    );
    const pasta = await inFolder('cat', `${folder()}/pasta.pid`);
    expect(readFileSync(`/proc/${pasta}/cmdline`, 'utf8')).toContain(`${folder()}/netns`);
    await user.ok('rm', '-f', '-t', '0', 'last');
    expect(await inFolder('ls', folder())).not.toMatch(/netns|pasta/);
  });

  it('has its pasta again after that was killed', async () => {
    await user.ok('run', '-d', '--name', 'first', '--network', 'bridge', 'busybox', 'sleep', '1000');
    const killed = await inFolder('cat', `${folder()}/pasta.pid`);
    process.kill(Number(killed), 'SIGKILL');
    await user.ok('run', '--rm', '--network', 'bridge', 'busybox', 'true');
    const pasta = await inFolder('cat', `${folder()}/pasta.pid`);
    expect(pasta).not.toBe(killed);
    expect(readFileSync(`/proc/${pasta}/cmdline`, 'utf8')).toContain(`${folder()}/netns`);
    await user.ok('rm', '-f', '-t', '0', 'first');
  });

  it('starts where a file is left of a namespace that is gone', async () => {
    await user.run(['sh', '-c', `mkdir -p ${folder()}; echo 1 >${folder()}/pasta.pid; touch ${folder()}/netns`]);
    const line = await user.ok(
      'run',
      '--rm',
      '--network',
      'bridge',
      'busybox',
      'ip',
      '-o',
      '-4',
      'addr',
      'show',
      'eth0',
    );
    expect(line).toContain('10.88.');
  });

  it('publishes ports on the host, for streams that end one way first and for datagrams', async () => {
    const [tcp, udp] = [await freePort(), await freePort()];
    const server = 'while :; do nc -l -p 80 -e sh -c "wc -c; echo end"; done';
    const ports = ['-p', `${tcp}:80`, '-p', `127.0.0.1:${udp}:90/udp`];
    await user.ok('run', '-d', '--name', 'p', '--network', 'bridge', ...ports, 'busybox', 'sh', '-c', server);
    const count = `head -c 1000000 /dev/zero | socat -t 10 - TCP:127.0.0.1:${tcp},retry=50,interval=0.1`;
    expect((await user.run(['sh', '-c', count])).stdout).toBe('1000000\nend\n');
    const key = await user.ok('inspect', '--format', '{{.NetworkSettings.SandboxKey}}', 'p');
    const answerer = `nsenter --net=${key} socat -T 2 UDP-LISTEN:90 EXEC:cat`;
    const asker = `(echo hello; sleep 0.5) | socat -t 1 - UDP:127.0.0.1:${udp}`;
    expect(await user.ok('unshare', 'sh', '-c', `${answerer} & sleep 0.5; ${asker}; wait`)).toBe('hello');
    const taken = await user.tspod('run', '--rm', '--network', 'bridge', '-p', `${tcp}:1`, 'busybox', 'true');
    expect(taken.stderr).toMatch(/^Error: cannot listen on the TCP port: .*: bind: address already in use\n$/);
    await user.ok('network', 'create', 'second');
    await user.ok('network', 'connect', 'second', 'p');
    await user.ok('network', 'disconnect', 'podman', 'p');
    expect((await user.run(['sh', '-c', count])).stdout).toBe('1000000\nend\n');
    await user.ok('rm', '-f', '-t', '0', 'p');
    const { exitCode } = await user.run([
      'sh',
      '-c',
      `for i in $(seq 50); do socat -u TCP:127.0.0.1:${tcp} - || exit 7; sleep 0.1; done`,
    ]);
    expect(exitCode).toBe(7);
  });
});
