import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createNetwork } from '../../src/network/create-network.ts';
import { findNetwork, loadNetworks } from '../../src/network/network-store.ts';
import { removeNetwork } from '../../src/network/remove-network.ts';
import { updateNetwork } from '../../src/network/update-network.ts';

let folder: string;
let context: Parameters<typeof createNetwork>[0];
beforeEach(() => {
  folder = mkdtempSync('/tmp/tspod-nets-');
  context = {
    paths: { networkConfigDir: `${folder}/nets`, networkRunDir: `${folder}/run`, netnsDir: folder },
    conf: {},
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the default network exists without a file and cannot be removed', async () => {
  expect(loadNetworks(context).map(({ name }) => name)).toEqual(['podman']);
  const network = findNetwork(context, 'podman');
  expect(network).toMatchObject({
    id: '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9',
    network_interface: 'podman0',
    subnets: [{ subnet: '10.88.0.0/16', gateway: '10.88.0.1' }],
    dns_enabled: false,
  });
  await expect(removeNetwork(context, network)).rejects.toThrow('default network podman cannot be removed');
  expect(existsSync(`${folder}/nets`)).toBe(false);
});

test('a new network gets a bridge and a free subnet, in a file as Podman writes it', async () => {
  const first = await createNetwork(context, { name: 'one', dns_enabled: true, labels: { b: '2', a: '1' } });
  const second = await createNetwork(context, {});
  expect([first.network_interface, second.network_interface, second.name]).toEqual(['podman1', 'podman2', 'podman2']);
  expect(first.subnets).not.toEqual(second.subnets);
  const text = readFileSync(`${folder}/nets/one.json`, 'utf8');
  expect(text).toContain('\n     "labels": {\n          "a": "1",\n          "b": "2"\n     }');
  expect(Object.keys(JSON.parse(text))).toEqual([
    'name',
    'id',
    'driver',
    'network_interface',
    'created',
    'subnets',
    'ipv6_enabled',
    'internal',
    'dns_enabled',
    'labels',
    'ipam_options',
  ]);
});

test('a network is found by name, id and beginning of its id', async () => {
  const { id } = await createNetwork(context, { name: 'one' });
  expect(findNetwork(context, id).name).toBe('one');
  expect(findNetwork(context, id.slice(0, 12)).name).toBe('one');
  expect(() => findNetwork(context, '../one')).toThrow(
    'unable to find network with name or ID ../one: network not found',
  );
});

test('with IPv6 there is a subnet of each kind', async () => {
  const { subnets, ipv6_enabled } = await createNetwork(context, { name: 'six', ipv6_enabled: true });
  expect(ipv6_enabled).toBe(true);
  expect(subnets?.map(({ subnet }) => subnet.includes(':'))).toEqual([false, true]);
});

test('an internal network without DNS has no gateway', async () => {
  const subnets = [{ subnet: '10.123.0.0/24' }];
  const network = await createNetwork(context, { name: 'in', internal: true, subnets });
  expect(network.subnets).toEqual(subnets);
});

test.each([
  [{ name: 'a/b' }, 'network name a/b invalid: names must match'],
  [{ name: 'host' }, 'conflicts with a valid network mode'],
  [{ name: 'x', driver: 'overlay' }, 'could not find plugin "overlay"'],
  [{ name: 'x', network_interface: 'a-very-long-name' }, 'interface name is too long'],
  [{ name: 'x', options: { colour: 'red' } }, 'unsupported bridge network option colour'],
  [{ name: 'x', options: { isolate: 'maybe' } }, 'failed to parse isolate option'],
  [{ name: 'x', options: { mtu: 'big' } }, 'strconv.Atoi: parsing "big": invalid syntax'],
  [{ name: 'x', subnets: [{ subnet: '10.88.4.0/24' }] }, 'is already used on the host or by another config'],
  [
    { name: 'x', subnets: [{ subnet: '10.9.0.0/24', gateway: '10.8.0.1' }] },
    'gateway 10.8.0.1 not in subnet 10.9.0.0/24',
  ],
  [{ name: 'x', network_dns_servers: ['1.1.1.1'] }, 'cannot set NetworkDNSServers if DNS is not enabled'],
  [{ name: 'x', dns_enabled: true, network_dns_servers: ['one'] }, 'unable to parse ip one'],
  [{ name: 'x', ipam_options: { driver: 'magic' } }, 'unsupported ipam driver "magic"'],
  [{ name: 'x', driver: 'macvlan', network_interface: 'nosuch0' }, 'parent interface nosuch0 does not exist'],
  [{ name: 'x', driver: 'ipvlan' }, 'ipam driver dhcp is not supported with ipvlan'],
])('%j is refused and leaves no file', async (request, message) => {
  await expect(createNetwork(context, request)).rejects.toThrow(message);
  expect(readdirSync(folder, { recursive: true }).filter((file) => String(file).endsWith('.json'))).toEqual([]);
});

test('a name is given once, and --ignore returns what is there', async () => {
  const { id } = await createNetwork(context, { name: 'one' });
  await expect(createNetwork(context, { name: 'one' })).rejects.toThrow(
    'network name one already used: network already exists',
  );
  expect((await createNetwork(context, { name: 'one' }, true)).id).toBe(id);
});

test('ten calls at once make ten networks with different bridges and subnets', async () => {
  const made = await Promise.all(Array.from({ length: 10 }, () => createNetwork(context, {})));
  expect(new Set(made.map(({ network_interface }) => network_interface)).size).toBe(10);
  expect(new Set(made.map(({ subnets }) => subnets?.[0]?.subnet)).size).toBe(10);
});

test('files that are no networks are skipped and named', () => {
  return createNetwork(context, { name: 'good' }).then(() => {
    const good = readFileSync(`${folder}/nets/good.json`, 'utf8');
    writeFileSync(`${folder}/nets/broken.json`, '{');
    writeFileSync(`${folder}/nets/other.json`, good);
    writeFileSync(`${folder}/nets/note.txt`, 'x');
    const skipped: string[] = [];
    expect(loadNetworks(context, (reason) => skipped.push(reason)).map(({ name }) => name)).toEqual(['good', 'podman']);
    expect(skipped).toHaveLength(2);
    expect(skipped.join()).toMatch(/broken\.json.*does not match file name|does not match.*broken\.json/);
  });
});

test('Docker names of options are translated', async () => {
  const options = { 'com.docker.network.driver.mtu': '1400', 'com.docker.network.bridge.name': 'br-x', isolate: '1' };
  const network = await createNetwork(context, { name: 'x', options });
  expect(network.network_interface).toBe('br-x');
  expect(network.options).toEqual({ mtu: '1400', isolate: 'true' });
});

test('update adds and drops DNS servers', async () => {
  await createNetwork(context, { name: 'x', dns_enabled: true, network_dns_servers: ['1.1.1.1', '9.9.9.9'] });
  await updateNetwork(context, 'x', { addDnsServers: ['8.8.8.8', '9.9.9.9'], removeDnsServers: ['1.1.1.1'] });
  expect(findNetwork(context, 'x').network_dns_servers).toEqual(['9.9.9.9', '8.8.8.8']);
});
