/** Checks a network's subnets and fills in what follows from them: the gateway, and that IPv6 is on. */
import { TspodError } from '../errors.ts';
import {
  addTo,
  type Cidr,
  contains,
  formatCidr,
  formatIp,
  type Ip,
  networkAddress,
  overlaps,
  parseCidr,
  parseIp,
  width,
} from './ip.ts';
import type { LeaseRange, Network, Subnet } from './network.ts';

/** A copy with checked subnets. Throws BAD_ARGUMENT with Podman's words; `used` must not overlap. */
export function normalizeSubnets(network: Network, used: Cidr[] = []): Network {
  // An internal network has no way out, so a gateway is needed only as the address of its DNS server.
  const needsGateway = !network.internal || network.dns_enabled;
  const subnets = (network.subnets ?? []).map((subnet) => checkSubnet(subnet, needsGateway, used));
  const ipv6 = network.ipv6_enabled || subnets.some(({ subnet }) => subnet.includes(':'));
  return { ...network, ipv6_enabled: ipv6, ...(subnets.length > 0 ? { subnets } : {}) };
}

function checkSubnet(given: Subnet, needsGateway: boolean, used: Cidr[]): Subnet {
  const parsed = parseCidr(given.subnet);
  if (!parsed) throw bad(`subnet invalid: invalid CIDR address: ${given.subnet}`);
  const cidr = { ip: networkAddress(parsed), prefix: parsed.prefix };
  const subnet = formatCidr(cidr);
  if (used.some((other) => overlaps(cidr, other))) {
    throw bad(`subnet ${subnet} is already used on the host or by another config`);
  }
  const gateway = gatewayOf(given.gateway, cidr, needsGateway);
  const range = given.lease_range && checkRange(given.lease_range, cidr);
  return { subnet, ...(gateway ? { gateway } : {}), ...(range ? { lease_range: range } : {}) };
}

function gatewayOf(given: string | undefined, cidr: Cidr, needed: boolean): string | null {
  if (given) return formatIp(inside(cidr, given, 'gateway'));
  if (!needed) return null;
  return formatIp(cidr.prefix === width(cidr.ip) ? cidr.ip : addTo(cidr.ip, 1n));
}

function checkRange({ start_ip, end_ip }: LeaseRange, cidr: Cidr): LeaseRange {
  return {
    ...(start_ip ? { start_ip: formatIp(inside(cidr, start_ip, 'lease range start ip')) } : {}),
    ...(end_ip ? { end_ip: formatIp(inside(cidr, end_ip, 'lease range end ip')) } : {}),
  };
}

function inside(cidr: Cidr, text: string, what: string): Ip {
  const ip = parseIp(text);
  if (!ip || !contains(cidr, ip)) throw bad(`${what} ${text} not in subnet ${formatCidr(cidr)}`);
  return ip;
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
