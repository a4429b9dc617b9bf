import { expect, test } from 'vitest';
import { allocateIps } from '../../src/network/allocate.ts';
import type { LeaseFile } from '../../src/network/leases.ts';
import type { Network, Subnet } from '../../src/network/network.ts';

const network = (...subnets: Subnet[]): Network => ({
  name: 'net',
  id: 'a'.repeat(64),
  driver: 'bridge',
  network_interface: 'net0',
  created: '',
  subnets,
  ipv6_enabled: false,
  internal: false,
  dns_enabled: false,
  ipam_options: { driver: 'host-local' },
});

const emptyFile = (): LeaseFile => ({ leases: {}, bridges: {}, lastIps: {} });

function take(file: LeaseFile, id: string, net: Network, wished: string[] = []): string[] {
  const ips = allocateIps(file, net, wished);
  const attachment = { bridge: 'net0', hostInterface: 'v', interfaceName: 'eth0', mac: '', ips };
  file.leases[id] = { netnsPath: '/x', attachments: { net: attachment }, elements: [] };
  return ips;
}

const small = network({ subnet: '10.1.0.0/29', gateway: '10.1.0.1' });

test('neither network address, gateway nor broadcast address is given out, and a full subnet says so', () => {
  const file = emptyFile();
  const ips = ['a', 'b', 'c', 'd', 'e'].flatMap((id) => take(file, id, small));
  expect(ips).toEqual(['10.1.0.2', '10.1.0.3', '10.1.0.4', '10.1.0.5', '10.1.0.6']);
  expect(() => take(file, 'f', small)).toThrow('IPAM error: failed to find free IP in range: 10.1.0.1 - 10.1.0.6');
});

test('an address that was given back is used again only after the others', () => {
  const file = emptyFile();
  take(file, 'a', small);
  delete file.leases['a'];
  expect(take(file, 'b', small)).toEqual(['10.1.0.3']);
  for (const id of ['c', 'd', 'e']) take(file, id, small);
  expect(take(file, 'f', small)).toEqual(['10.1.0.2']);
});

test('a wished address is given once', () => {
  const file = emptyFile();
  expect(take(file, 'a', small, ['10.1.0.5'])).toEqual(['10.1.0.5']);
  expect(() => take(file, 'b', small, ['10.1.0.5'])).toThrow(
    'IPAM error: requested ip address 10.1.0.5 is already allocated to container ID a',
  );
  expect(() => take(file, 'b', small, ['10.2.0.5'])).toThrow(
    'requested static ip 10.2.0.5 not in any subnet on network net',
  );
});

test('the range for leases is kept, and IPv6 has its last address too', () => {
  const range = { start_ip: 'fd00::fffe', end_ip: 'fd00::ffff' };
  const net = network({ subnet: 'fd00::/112', gateway: 'fd00::1', lease_range: range });
  const file = emptyFile();
  expect([...take(file, 'a', net), ...take(file, 'b', net)]).toEqual(['fd00::fffe', 'fd00::ffff']);
  expect(() => take(file, 'c', net)).toThrow('fd00::fffe - fd00::ffff');
});

test('two networks on one subnet do not give out the same address', () => {
  const file = emptyFile();
  take(file, 'a', small);
  const twin = { ...small, name: 'twin', network_interface: 'twin0' };
  expect(take(file, 'b', twin)).toEqual(['10.1.0.3']);
});

test('a network without address management gives out nothing', () => {
  const net = { ...small, ipam_options: { driver: 'none' } };
  expect(take(emptyFile(), 'a', net)).toEqual([]);
});
