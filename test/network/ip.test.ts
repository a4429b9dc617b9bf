import { expect, test } from 'vitest';
import {
  addTo,
  contains,
  formatCidr,
  formatIp,
  lastAddress,
  networkAddress,
  overlaps,
  parseCidr,
  parseIp,
} from '../../src/network/ip.ts';

test.each([
  ['10.88.0.1', '10.88.0.1'],
  ['255.255.255.255', '255.255.255.255'],
  ['::1', '::1'],
  ['::', '::'],
  ['FD00:0:0:0:1:0:0:1', 'fd00::1:0:0:1'],
  ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['64:ff9b::10.0.0.1', '64:ff9b::a00:1'],
])('%s is printed as %s', (text, canonical) => {
  const ip = parseIp(text);
  expect(ip && formatIp(ip)).toBe(canonical);
});

test.each(['', '10.88.0', '10.88.0.256', '010.1.1.1', 'fe80::1%eth0', ':::', 'x'])('%j is no address', (text) => {
  expect(parseIp(text)).toBeNull();
});

test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0.0/-1', 'fd00::/129'])(
  '%j is no subnet',
  (text) => {
    expect(parseCidr(text)).toBeNull();
  },
);

test('the first and the last address of a subnet', () => {
  const cidr = parseCidr('10.89.5.7/22')!;
  expect(formatIp(networkAddress(cidr))).toBe('10.89.4.0');
  expect(formatIp(lastAddress(cidr))).toBe('10.89.7.255');
  expect(formatIp(lastAddress(parseCidr('fd00::/64')!))).toBe('fd00::ffff:ffff:ffff:ffff');
  expect(formatCidr({ ip: addTo(networkAddress(cidr), 256n), prefix: 24 })).toBe('10.89.5.0/24');
});

test('an address is in a subnet of its own kind only', () => {
  expect(contains(parseCidr('10.0.0.0/8')!, parseIp('10.255.0.1')!)).toBe(true);
  expect(contains(parseCidr('10.0.0.0/8')!, parseIp('11.0.0.0')!)).toBe(false);
  expect(contains(parseCidr('0.0.0.0/0')!, parseIp('::1')!)).toBe(false);
});

test('subnets overlap when one holds the other, whichever is larger', () => {
  const [large, small, other] = [parseCidr('10.0.0.0/8')!, parseCidr('10.88.0.0/16')!, parseCidr('10.89.0.0/16')!];
  expect([overlaps(large, small), overlaps(small, large), overlaps(small, other)]).toEqual([true, true, false]);
});
