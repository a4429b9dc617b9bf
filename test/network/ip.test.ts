import { isIP } from 'node:net';
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
  ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
  ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
])('%s is printed as %s', (text, canonical) => {
  const ip = parseIp(text);
  expect(ip && formatIp(ip)).toBe(canonical);
});

test.each([
  '',
  ':',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '1:2:3:4:5:6:7::8:',
  '12345::',
  '1.2.3.4::',
  '::1.2.3',
  '10.88.0',
  '10.88.0.256',
  '010.1.1.1',
  'fe80::1%eth0',
  ':::',
  'x',
])('%j is no address', (text) => {
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

test('what is an address is the same as for Node, over thousands of damaged ones', () => {
  const letters = '0123456789abcdef:.';
  let seed = 1;
  const random = (limit: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % limit;
  };
  const seeds = ['10.88.0.1', '255.255.255.255', '::1', 'fd00::1:0:0:1', '1:2:3:4:5:6:7:8', '::ffff:1.2.3.4', '1::'];
  for (let round = 0; round < 20_000; round++) {
    const chars = [...(seeds[random(seeds.length)] ?? '')];
    for (let edit = random(3); edit >= 0; edit--)
      chars.splice(random(chars.length + 1), random(2), letters[random(letters.length)] ?? '');
    const text = chars.join('');
    expect([text, parseIp(text) !== null]).toEqual([text, isIP(text) !== 0]);
  }
});
