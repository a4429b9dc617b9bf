import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { exec } from '../helpers/exec.ts';
import { newEngine, type TestEngine } from '../helpers/tspod.ts';
import { busyboxRoot } from './busybox.ts';

let engine: TestEngine;
let root: string;

beforeAll(() => {
  engine = newEngine({ netns: true });
  root = busyboxRoot(engine.dir);
});
afterAll(() => engine.cleanup());

const serve = ['sh', '-c', 'httpd -f -h /www -p 80'];
const fetchPort = (port: number) => exec(...engine.inside('wget', '-qO-', '-T3', '-t1', `http://127.0.0.1:${port}/`));
const inHost = async (...argv: string[]) => (await exec(...engine.inside(...argv))).stdout;

test('a published port answers, is listed, and is free again after the container went', async () => {
  await engine.ok(
    'run',
    '-d',
    '--name',
    'web',
    '-p',
    '8080:80',
    '-p',
    '127.0.0.1:9000-9001:9000-9001/udp',
    '--rootfs',
    root,
    ...serve,
  );
  await expect.poll(async () => (await fetchPort(8080)).stdout).toBe('hello\n');
  expect(await engine.ok('port', 'web')).toBe(
    '80/tcp -> 0.0.0.0:8080\n9000/udp -> 127.0.0.1:9000\n9001/udp -> 127.0.0.1:9001',
  );
  expect(await engine.ok('port', 'web', '80')).toBe('0.0.0.0:8080');
  expect(await engine.ok('port', 'web', '9001/udp')).toBe('127.0.0.1:9001');
  expect(await engine.ok('ps', '--format', '{{.Ports}}')).toBe(
    '0.0.0.0:8080->80/tcp, 127.0.0.1:9000-9001->9000-9001/udp',
  );
  const taken = await engine.tspod('run', '--rm', '-p', '8080:80', '--rootfs', root, 'true');
  expect(taken.exitCode).toBe(126);
  expect(taken.stderr).toBe('Error: cannot listen on the TCP port: listen tcp4 :8080: bind: address already in use\n');
  const missing = await engine.tspod('port', 'web', '99/tcp');
  expect([missing.exitCode, missing.stderr]).toEqual([125, 'Error: failed to find published port "99/tcp"\n']);
  await engine.ok('rm', '-f', '-t', '0', 'web');
  expect(await engine.ok('run', '--rm', '-p', '8080:80', '--rootfs', root, 'echo', 'free')).toBe('free');
});

test('a network is made, used, refused to be removed while in use, and removed with force', async () => {
  expect(await engine.ok('network', 'create', '--subnet', '10.200.1.0/24', '--label', 'kind=test', 'red')).toBe('red');
  await engine.ok('run', '-d', '--name', 'one', '--network', 'red', '--rootfs', root, 'sleep', '1000');
  const [report] = JSON.parse(await engine.ok('network', 'inspect', 'red'));
  expect(Object.values(report.containers)).toEqual([
    {
      name: 'one',
      interfaces: {
        eth0: { subnets: [{ ipnet: '10.200.1.2/24', gateway: '10.200.1.1' }], mac_address: expect.any(String) },
      },
    },
  ]);
  const refused = await engine.tspod('network', 'rm', 'red');
  expect(refused.exitCode).toBe(2);
  expect(refused.stderr).toContain(
    '"red" has associated containers with it. Use -f to forcibly delete containers and pods',
  );
  expect(await engine.ok('network', 'ls', '--filter', 'label=kind=test', '--format', '{{.Name}} {{.Driver}}')).toBe(
    'red bridge',
  );
  expect(await engine.ok('network', 'rm', '-f', '-t', '0', 'red')).toBe('red');
  expect(await engine.ok('ps', '-aq')).toBe('');
  expect(await inHost('ip', '-br', 'link')).not.toContain(report.network_interface);
});

test('connect and disconnect change a running container and its hosts file, and ports follow', async () => {
  await engine.ok('network', 'create', '--subnet', '10.200.2.0/24', 'blue');
  await engine.ok('run', '-d', '--name', 'web', '-p', '8081:80', '--rootfs', root, ...serve);
  await engine.ok('network', 'connect', '--ip', '10.200.2.77', 'blue', 'web');
  expect(await engine.ok('exec', 'web', 'ip', '-o', '-4', 'addr')).toContain('inet 10.200.2.77/24');
  expect(await engine.ok('exec', 'web', 'cat', '/etc/hosts')).toMatch(/^10\.200\.2\.77\t.* web$/m);
  const again = await engine.tspod('network', 'connect', 'blue', 'web');
  expect([again.exitCode, again.stderr]).toEqual([125, expect.stringContaining('network is already connected')]);
  await engine.ok('network', 'create', 'green');
  const failed = await engine.tspod('network', 'connect', '--mac-address', '00:00:00:00:00:00', 'green', 'web');
  expect(failed.exitCode).toBe(125);
  expect(await engine.ok('ps', '--format', '{{.Networks}}')).toBe('podman,blue');
  await engine.ok('network', 'disconnect', 'podman', 'web');
  expect(await engine.ok('exec', 'web', 'ip', '-o', '-4', 'addr')).not.toContain('10.88.');
  expect((await fetchPort(8081)).stdout).toBe('hello\n');
  expect(await engine.ok('ps', '--format', '{{.Networks}}')).toBe('blue');
  await engine.ok('rm', '-f', '-t', '0', 'web');
  await engine.ok('network', 'rm', 'blue');
});

test('network reload brings back rules that somebody flushed', async () => {
  const id = await engine.ok('run', '-d', '--name', 'web', '-p', '8082:80', '--rootfs', root, ...serve);
  await expect.poll(async () => (await fetchPort(8082)).stdout).toBe('hello\n');
  await inHost('nft', 'flush', 'ruleset');
  expect((await fetchPort(8082)).exitCode).not.toBe(0);
  expect(await engine.ok('network', 'reload', '--all')).toBe(id);
  expect((await fetchPort(8082)).stdout).toBe('hello\n');
  await engine.ok('rm', '-f', '-t', '0', 'web');
});

test('twenty containers at once get twenty addresses, and nothing of them stays', async () => {
  const runs = Array.from({ length: 20 }, () =>
    engine.ok('run', '--rm', '--rootfs', root, 'ip', '-o', '-4', 'addr', 'show', 'eth0'),
  );
  const addresses = (await Promise.all(runs)).map((text) => /inet (\S+)/.exec(text)?.[1]);
  expect(new Set(addresses).size).toBe(20);
  const inode = (await inHost('stat', '-Lc', '%i', '/proc/self/ns/net')).trim();
  const folder = `/run/tspod/netns-${inode}`;
  expect(JSON.parse(readFileSync(`${folder}/leases.json`, 'utf8')).leases).toEqual({});
  await expect.poll(() => inHost('ip', '-br', 'link', 'show', 'type', 'veth')).toBe('');
}, 120_000);

test.each([
  [
    ['network', 'inspect', 'nosuch'],
    125,
    'Error: network nosuch: unable to find network with name or ID nosuch: network not found\n',
  ],
  [['network', 'exists', 'nosuch'], 1, ''],
  [['network', 'rm', 'nosuch'], 1, 'Error: unable to find network with name or ID nosuch: network not found\n'],
  [['network', 'rm', 'podman'], 125, 'Error: default network podman cannot be removed\n'],
  [['network', 'create', '--gateway', '10.0.0.1'], 125, 'Error: cannot set gateway or range without subnet\n'],
  [['network', 'create', '--subnet', 'x'], 125, 'Error: invalid CIDR address: x\n'],
  [['network', 'ls', '--filter', 'colour=red'], 125, 'Error: invalid filter "colour"\n'],
  [
    ['network', 'connect', 'podman', 'nosuch'],
    125,
    'Error: no container with name or ID "nosuch" found: no such container\n',
  ],
])('%j', async (args, exitCode, stderr) => {
  const result = await engine.tspod(...args);
  expect({ exitCode: result.exitCode, stderr: result.stderr }).toEqual({ exitCode, stderr });
});
