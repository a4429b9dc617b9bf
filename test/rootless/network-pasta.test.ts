import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { freePort } from '../helpers/registry.ts';
import { newUser, type TestUser } from '../helpers/user.ts';

let user: TestUser;

beforeAll(async () => {
  user = await newUser({ registry: inject('registry') });
  await user.ok('pull', '-q', 'busybox');
});

afterAll(() => user?.cleanup());

/** Command lines of this user's processes of that name. */
function processes(name: string): string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      if (!new RegExp(`^Uid:\\t${user.uid}\\t`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8'))) return [];
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
      return words[0]?.endsWith(name) ? [words.join(' ')] : [];
    } catch {
      return [];
    }
  });
}

async function untilNone(name: string): Promise<void> {
  for (let left = 100; processes(name).length > 0 && left > 0; left--)
    await new Promise((done) => setTimeout(done, 50));
  expect(processes(name)).toEqual([]);
}

describe('the default network of a user', () => {
  it('is made by pasta, with the forwarder for names, and ends with the container', async () => {
    const lines = await user.ok(
      'run',
      '--rm',
      'busybox',
      'sh',
      '-c',
      'cat /etc/resolv.conf; ip -o addr; cat /etc/hosts',
    );
    expect(lines).toContain('nameserver 169.254.1.1\n');
    const address = /: (?!lo)\S+ +inet ([\d.]+)/.exec(lines)?.[1];
    expect(lines).toMatch(new RegExp(`^${address}\t`, 'm'));
    await untilNone('pasta');
  });

  it('publishes ports of both protocols, and is told that a port is taken', async () => {
    const [port, taken] = [await freePort(), await freePort()];
    const script = 'echo hello | nc -l -p 80 & echo datagram | nc -u -l -p 90 & wait';
    await user.ok(
      'run',
      '-d',
      '--name',
      'p',
      '-p',
      `127.0.0.1:${port}:80`,
      '-p',
      `${taken}:90/udp`,
      'busybox',
      'sh',
      '-c',
      script,
    );
    const words = processes('pasta').join();
    expect(words).toContain(`-t 127.0.0.1/${port}-${port}:80-80 `);
    expect(words).toContain(`-u ${taken}-${taken}:90-90 `);
    expect(await user.ok('port', 'p')).toContain(`80/tcp -> 127.0.0.1:${port}`);
    const { stdout } = await user.run(['socat', '-T', '3', '-', `TCP:127.0.0.1:${port}`]);
    expect(stdout).toBe('hello\n');
    const second = await user.tspod('run', '--rm', '-p', `${taken}:1/udp`, 'busybox', 'true');
    expect(second.stderr).toMatch(/^Error: cannot listen on the UDP port: .*: bind: address already in use\n$/);
    expect(second.exitCode).toBe(126);
    await user.ok('rm', '-f', '-t', '0', 'p');
    await untilNone('pasta');
  });

  it('refuses a port below the first that users may take, and names the sysctl', async () => {
    const { stderr, exitCode } = await user.tspod('run', '--rm', '-p', '80:80', 'busybox', 'true');
    expect(stderr).toMatch(/cannot expose privileged port 80, .*net\.ipv4\.ip_unprivileged_port_start=80/);
    expect(exitCode).toBe(126);
  });

  it('hands options on, and keeps the gateway from being the host unless that is asked for', async () => {
    await user.ok(
      'run',
      '-d',
      '--name',
      'o',
      '--network',
      'pasta:--map-gw,-I,myname,--mtu,1400',
      'busybox',
      'sleep',
      '1000',
    );
    expect(await user.ok('exec', 'o', 'ip', '-o', 'link')).toMatch(/myname: .* mtu 1400/);
    expect(processes('pasta').join()).not.toMatch(/--(no-)?map-gw/);
    await user.ok('rm', '-f', '-t', '0', 'o');
    const wrong = await user.tspod('run', '--rm', '--network', 'pasta:--nonsense', 'busybox', 'true');
    expect(wrong.stderr).toMatch(/^Error: pasta failed with exit code 1:\n.*nonsense/);
  });

  it('says what to install where pasta is missing', async () => {
    const setup = 'mount --bind /dev/null /usr/bin/pasta';
    const other = await newUser({ registry: inject('registry'), setup });
    try {
      const { stderr, exitCode } = await other.tspod('run', '--quiet', '--rm', 'busybox', 'true');
      expect(stderr).toBe(
        "Error: could not find pasta, the network namespace can't be configured: install the package passt " +
          '(apt-get install passt), or use --network none or host\n',
      );
      expect(exitCode).toBe(126);
    } finally {
      await other.cleanup();
    }
  });
});
