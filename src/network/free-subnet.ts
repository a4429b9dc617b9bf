/** Subnets for new networks that nobody uses yet. */
import { randomBytes } from 'node:crypto';
import { TspodError } from '../errors.ts';
import type { SubnetPool } from './context.ts';
import { addTo, type Cidr, contains, formatCidr, networkAddress, overlaps, parseCidr } from './ip.ts';

const defaultPools: SubnetPool[] = [
  { base: '10.89.0.0/16', size: 24 },
  { base: '10.90.0.0/15', size: 24 },
  { base: '10.92.0.0/14', size: 24 },
  { base: '10.96.0.0/11', size: 24 },
  { base: '10.128.0.0/9', size: 24 },
];

/** The first one of the pools that overlaps nothing. NETWORK_FAILED when there is none. */
export function freeIpv4Subnet(used: Cidr[], pools: SubnetPool[] = defaultPools): string {
  for (const { base, size } of pools) {
    const pool = parseCidr(base);
    if (!pool) throw new TspodError('BAD_CONFIG', `invalid subnet pool "${base}"`);
    let candidate: Cidr = { ip: networkAddress(pool), prefix: size };
    while (contains(pool, candidate.ip)) {
      const current = candidate;
      const clash = used.find((other) => overlaps(current, other));
      if (!clash) return formatCidr(candidate);
      candidate = { ip: addTo(candidate.ip, 1n << BigInt(32 - size)), prefix: size };
    }
  }
  throw new TspodError('NETWORK_FAILED', 'could not find free subnet from subnet pools');
}

/** A random one of fd00::/8 (RFC 4193). */
export function freeIpv6Subnet(used: Cidr[]): string {
  for (;;) {
    const bytes = Buffer.concat([Buffer.of(0xfd), randomBytes(7)]);
    const subnet: Cidr = { ip: { version: 6, value: bytes.readBigUInt64BE() << 64n }, prefix: 64 };
    if (!used.some((other) => overlaps(subnet, other))) return formatCidr(subnet);
  }
}
