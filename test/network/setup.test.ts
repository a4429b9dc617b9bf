import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeNetns } from '../../src/system/netns.ts';
import { run } from '../../src/system/spawn.ts';
import { World } from './world.ts';

const driver = join(import.meta.dirname, 'driver.ts');

let world: World;
beforeEach(() => {
  world = new World();
});
afterEach(() => world.close());

test('a container gets address, gateway and a way out under the address of the host', async () => {
  const { netns, ip, status } = world.container();
  expect(ip).toBe('10.88.0.2');
  expect(status['podman']).toMatchObject({
    interfaceName: 'eth0',
    subnets: [{ ipnet: '10.88.0.2/16', gateway: '10.88.0.1' }],
  });
  await world.serve(world.outside, 'tcp', 9000);
  expect(world.ask(netns, 'tcp', '192.0.2.2', 9000)).toBe('192.0.2.1');
});

test('containers of one network reach each other under their own addresses', async () => {
  const [a, b] = [world.container(), world.container()];
  await world.serve(b.netns, 'tcp', 80);
  expect(world.ask(a.netns, 'tcp', b.ip, 80)).toBe(a.ip);
});

test('a published tcp port is reached from outside, the own addresses, loopback, and other containers', async () => {
  const server = world.container({ ports: [{ hostPort: 8080, containerPort: 80 }] });
  const client = world.container();
  await world.serve(server.netns, 'tcp', 80);
  expect(world.ask(world.outside, 'tcp', '192.0.2.1', 8080)).toBe('192.0.2.2');
  expect(world.ask(world.host, 'tcp', '192.0.2.1', 8080)).toBe('192.0.2.1');
  expect(world.ask(world.host, 'tcp', '127.0.0.1', 8080)).toBe('10.88.0.1');
  expect(world.ask(client.netns, 'tcp', '192.0.2.1', 8080)).toBe('10.88.0.1');
  expect(world.ask(server.netns, 'tcp', '10.88.0.1', 8080)).toBe('10.88.0.1');
});

test('a published udp port and a range of ports are reached', async () => {
  const ports = [
    { hostPort: 5353, containerPort: 53, protocol: 'udp' as const },
    { hostPort: 7000, containerPort: 7100, range: 3 },
  ];
  const { netns } = world.container({ ports });
  await Promise.all([world.serve(netns, 'udp', 53), world.serve(netns, 'tcp', 7100), world.serve(netns, 'tcp', 7102)]);
  expect(world.ask(world.outside, 'udp', '192.0.2.1', 5353)).toBe('192.0.2.2');
  expect(world.ask(world.host, 'udp', '127.0.0.1', 5353)).toBe('10.88.0.1');
  expect(world.ask(world.outside, 'tcp', '192.0.2.1', 7000)).toBe('192.0.2.2');
  expect(world.ask(world.outside, 'tcp', '192.0.2.1', 7002)).toBe('192.0.2.2');
});

test('a port published on 127.0.0.1 is not reached from outside or from containers', async () => {
  const { netns } = world.container({ ports: [{ hostIp: '127.0.0.1', hostPort: 8080, containerPort: 80 }] });
  const other = world.container();
  await world.serve(netns, 'tcp', 80);
  expect(world.ask(world.host, 'tcp', '127.0.0.1', 8080)).toBe('10.88.0.1');
  expect(world.ask(world.outside, 'tcp', '192.0.2.1', 8080)).toBe('ECONNREFUSED');
  expect(world.ask(other.netns, 'tcp', '10.88.0.1', 8080)).toBe('ECONNREFUSED');
});

test('containers cannot reach services that listen on the loopback of the host (CVE-2020-8558)', async () => {
  const { netns } = world.container();
  await world.serve(world.host, 'tcp', 631);
  world.ip(netns, 'route add 127.0.0.2 via 10.88.0.1');
  run({ file: 'sysctl', args: ['-qw', 'net.ipv4.conf.eth0.route_localnet=1'], netns });
  expect(world.ask(netns, 'tcp', '10.88.0.1', 631)).toBe('10.88.0.2');
  expect(world.ask(netns, 'tcp', '127.0.0.2', 631)).not.toBe('10.88.0.2');
});

test('traffic that only passes through the host is not taken for a published port', async () => {
  const server = world.container({ ports: [{ hostPort: 80, containerPort: 80 }] });
  const client = world.container();
  await Promise.all([world.serve(server.netns, 'tcp', 80), world.serve(world.outside, 'tcp', 80)]);
  expect(world.ask(client.netns, 'tcp', '192.0.2.2', 80)).toBe('192.0.2.1');
});

test('after the tear-down nothing is left of a container, and doing it twice is no error', () => {
  const made = world.container({ ports: [{ hostPort: 8080, containerPort: 80 }] });
  expect(world.nft('list', 'map', 'inet', 'tspod', 'ports4')).toContain('10.88.0.2');
  world.remove(made);
  world.remove(made);
  expect(world.nft('list', 'map', 'inet', 'tspod', 'ports4')).not.toContain('10.88.0.2');
  expect(world.engine<{ leases: object }>('leases', {}).leases).toEqual({});
});

test('published ports work again after somebody flushed the rules and the next container started', async () => {
  const { netns } = world.container({ ports: [{ hostPort: 8080, containerPort: 80 }] });
  await world.serve(netns, 'tcp', 80);
  world.nft('flush', 'ruleset');
  expect(world.ask(world.host, 'tcp', '127.0.0.1', 8080)).toBe('ECONNREFUSED');
  world.container();
  expect(world.ask(world.host, 'tcp', '127.0.0.1', 8080)).toBe('10.88.0.1');
});

test('what a crash left behind does not keep the port from its next user', async () => {
  const first = world.container({ ports: [{ hostPort: 8080, containerPort: 80 }] });
  removeNetns(first.netns);
  const second = world.container({ ports: [{ hostPort: 8080, containerPort: 80 }] });
  await world.serve(second.netns, 'tcp', 80);
  expect(world.ask(world.outside, 'tcp', '192.0.2.1', 8080)).toBe('192.0.2.2');
});

test('a network with IPv6 publishes on both kinds of address', async () => {
  world.network({
    name: 'dual',
    network_interface: 'dual0',
    subnets: [{ subnet: '10.99.0.0/24' }, { subnet: 'fd00:9::/64' }],
    ipv6_enabled: true,
  });
  const { netns, status } = world.container({ networks: { dual: {} }, ports: [{ hostPort: 8080, containerPort: 80 }] });
  expect(status['dual']?.subnets.map(({ ipnet }) => ipnet)).toEqual(['10.99.0.2/24', 'fd00:9::2/64']);
  await Promise.all([world.serve(netns, 'tcp', 80), world.serve(world.outside, 'tcp', 9000)]);
  expect(world.ask(world.outside, 'tcp', '192.0.2.1', 8080)).toBe('192.0.2.2');
  expect(world.ask(world.outside, 'tcp', '2001:db8::1', 8080)).toBe('2001:db8::2');
  expect(world.ask(netns, 'tcp', '2001:db8::2', 9000)).toBe('2001:db8::1');
});

test('an internal network has no way out, but its containers see each other', async () => {
  world.network({ name: 'inner', network_interface: 'inner0', subnets: [{ subnet: '10.98.0.0/24' }], internal: true });
  const [a, b] = [world.container({ networks: { inner: {} } }), world.container({ networks: { inner: {} } })];
  await Promise.all([world.serve(world.outside, 'tcp', 9000), world.serve(b.netns, 'tcp', 80)]);
  expect(world.ask(a.netns, 'tcp', '192.0.2.2', 9000)).toBe('ENETUNREACH');
  expect(world.ask(a.netns, 'tcp', b.ip, 80)).toBe(a.ip);
});

test('isolated networks do not reach each other, others do', async () => {
  const isolate = { isolate: 'true' };
  world.network({ name: 'red', network_interface: 'red0', subnets: [{ subnet: '10.97.1.0/24' }], options: isolate });
  world.network({ name: 'blue', network_interface: 'blue0', subnets: [{ subnet: '10.97.2.0/24' }], options: isolate });
  const [red, blue, open] = [
    world.container({ networks: { red: {} } }),
    world.container({ networks: { blue: {} } }),
    world.container(),
  ];
  await Promise.all([world.serve(blue.netns, 'tcp', 80), world.serve(open.netns, 'tcp', 80)]);
  expect(world.ask(red.netns, 'tcp', blue.ip, 80)).toBe('timeout');
  expect(world.ask(red.netns, 'tcp', open.ip, 80)).toBe('10.88.0.1');
});

test('a container on two networks has two interfaces', () => {
  world.network({ name: 'second', network_interface: 'second0', subnets: [{ subnet: '10.96.0.0/24' }] });
  const { status } = world.container({ networks: { podman: {}, second: { staticIps: ['10.96.0.77'] } } });
  expect(status['podman']?.interfaceName).toBe('eth0');
  expect(status['second']).toMatchObject({ interfaceName: 'eth1', subnets: [{ ipnet: '10.96.0.77/24' }] });
});

test('a missing nft is named with the Debian package that has it, and nothing stays behind', () => {
  const netnsPath = `${world.folder}/bare`;
  const options = {
    containerId: 'bare',
    containerName: 'bare',
    hostname: '',
    netnsPath,
    networks: { podman: {} },
    ports: [],
  };
  const command = [
    process.execPath,
    '--no-warnings',
    driver,
    'setup',
    JSON.stringify({ context: world.context, options }),
  ];
  const hidden = ['-c', 'mount -t tmpfs none /usr/sbin && exec "$@"', 'sh', ...command];
  const { stdout } = run({ file: 'unshare', args: ['-m', 'sh', ...hidden], netns: world.host, env: process.env });
  expect(JSON.parse(stdout)).toEqual({
    code: 'MISSING_PROGRAM',
    error: 'the program "nft" is needed for container networks and was not found',
    hint: 'on Debian it is in the package nftables: apt-get install nftables',
  });
  expect(world.engine<{ leases: object }>('leases', {}).leases).toEqual({});
});

test('twenty set-ups at once give twenty addresses and leave one working table', async () => {
  const wishes = Array.from({ length: 20 }, (_, index) => ({ ports: [{ hostPort: 9100 + index, containerPort: 80 }] }));
  const made = await world.containers(wishes);
  expect(new Set(made.map(({ ip }) => ip)).size).toBe(20);
  await world.serve(made[7]!.netns, 'tcp', 80);
  expect(world.ask(world.outside, 'tcp', '192.0.2.1', 9107)).toBe('192.0.2.2');
});

test('a set-up that fails leaves no address, interface or rule', () => {
  const made = world.setup<{ error: string }>('c', {
    networks: { podman: { interfaceName: 'a-name-that-is-far-too-long' } },
    ports: [{ hostPort: 8080, containerPort: 80 }],
  });
  expect(made.error).toContain('a-name-that-is-far-too-long');
  expect(world.engine<{ leases: object }>('leases', {}).leases).toEqual({});
  expect(world.nft('list', 'map', 'inet', 'tspod', 'ports4')).not.toContain('10.88.0.2');
  expect(run({ file: 'ip', args: ['-br', 'link', 'show', 'type', 'veth'], netns: world.host }).stdout).not.toMatch(
    /^veth/m,
  );
});

test('an unknown network, driver or option is refused by name before anything is made', () => {
  world.network({ name: 'odd', driver: 'overlay' });
  world.network({
    name: 'tagged',
    network_interface: 'tag0',
    options: { vlan: '7' },
    subnets: [{ subnet: '10.94.0.0/24' }],
  });
  const errors = ['nosuch', 'odd', 'tagged'].map(
    (name) => world.setup<{ error: string }>('c', { networks: { [name]: {} } }).error,
  );
  expect(errors).toEqual([
    'unable to find network with name or ID nosuch: network not found',
    'network "odd": the driver "overlay" is not supported',
    'network "tagged": the option "vlan" is not supported',
  ]);
});

test('macvlan: the container gets an interface of its own on the parent', async () => {
  world.network({
    name: 'lan',
    driver: 'macvlan',
    network_interface: 'up0',
    subnets: [
      { subnet: '192.0.2.0/24', gateway: '192.0.2.1', lease_range: { start_ip: '192.0.2.50', end_ip: '192.0.2.60' } },
    ],
  });
  const { netns, ip } = world.container({ networks: { lan: {} } });
  expect(ip).toBe('192.0.2.50');
  await world.serve(world.outside, 'tcp', 9000);
  expect(world.ask(netns, 'tcp', '192.0.2.2', 9000)).toBe('192.0.2.50');
});
