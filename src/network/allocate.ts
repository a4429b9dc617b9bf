/** Gives out addresses of a network's subnets. The caller holds the lock of the lease file. */
import { TspodError } from '../errors.ts';
import { addTo, contains, formatIp, type Ip, lastAddress, networkAddress, parseCidr, parseIp } from './ip.ts';
import type { LeaseFile } from './leases.ts';
import type { Network, Subnet } from './network.ts';

/** One address per subnet: a wished one where it fits, else the next free one. */
export function allocateIps(file: LeaseFile, network: Network, wished: string[]): string[] {
  if (!allocatesLocally(network)) return [];
  checkWishes(network, wished);
  const taken = takenIps(file);
  return (network.subnets ?? []).map((subnet) => {
    const own = wished.find((ip) => subnetContains(subnet, ip));
    return own === undefined ? nextFree(file, network, subnet, taken) : claim(own, taken);
  });
}

/** False when the addresses come from elsewhere (dhcp) or are not wanted (none). */
export function allocatesLocally(network: Network): boolean {
  const driver = network.ipam_options?.['driver'] ?? '';
  return driver === '' || driver === 'host-local';
}

function checkWishes(network: Network, wished: string[]): void {
  for (const ip of wished) {
    if ((network.subnets ?? []).some((subnet) => subnetContains(subnet, ip))) continue;
    throw new TspodError('BAD_ARGUMENT', `requested static ip ${ip} not in any subnet on network ${network.name}`);
  }
}

/** Address to container id, over all networks: engines may use one subnet under several names. */
function takenIps(file: LeaseFile): Map<string, string> {
  const taken = new Map<string, string>();
  for (const [id, lease] of Object.entries(file.leases)) {
    for (const attachment of Object.values(lease.attachments)) for (const ip of attachment.ips) taken.set(ip, id);
  }
  return taken;
}

function claim(wished: string, taken: Map<string, string>): string {
  const ip = parseIp(wished);
  const text = ip ? formatIp(ip) : wished;
  const owner = taken.get(text);
  if (owner === undefined) return text;
  throw new TspodError(
    'NETWORK_FAILED',
    `IPAM error: requested ip address ${text} is already allocated to container ID ${owner}`,
  );
}

function nextFree(file: LeaseFile, network: Network, subnet: Subnet, taken: Map<string, string>): string {
  const { first, last } = rangeOf(subnet);
  const key = `${network.network_interface ?? network.name} ${subnet.subnet}`;
  const before = parseIp(file.lastIps[key] ?? '');
  const size = last.value - first.value + 1n;
  const offset =
    before && before.value >= first.value && before.value <= last.value ? before.value - first.value + 1n : 0n;
  // No more than `taken.size` addresses and the gateway can be in the way, so this ends soon in any subnet.
  for (let step = 0n; step < size; step++) {
    const candidate = formatIp({ version: first.version, value: first.value + ((offset + step) % size) });
    if (candidate === subnet.gateway || taken.has(candidate)) continue;
    file.lastIps[key] = candidate;
    return candidate;
  }
  throw new TspodError(
    'NETWORK_FAILED',
    `IPAM error: failed to find free IP in range: ${formatIp(first)} - ${formatIp(last)}`,
  );
}

/** Neither the network address nor IPv4's broadcast address is given out. */
function rangeOf(subnet: Subnet): { first: Ip; last: Ip } {
  const cidr = parseCidr(subnet.subnet);
  if (!cidr) throw new TspodError('BAD_CONFIG', `subnet invalid: invalid CIDR address: ${subnet.subnet}`);
  const base = networkAddress(cidr);
  const end = lastAddress(cidr);
  const first = parseIp(subnet.lease_range?.start_ip ?? '') ?? addTo(base, 1n);
  const last = parseIp(subnet.lease_range?.end_ip ?? '') ?? end;
  return {
    first: first.value === base.value ? addTo(base, 1n) : first,
    last: last.version === 4 && last.value === end.value ? addTo(last, -1n) : last,
  };
}

function subnetContains(subnet: Subnet, text: string): boolean {
  const cidr = parseCidr(subnet.subnet);
  const ip = parseIp(text);
  return cidr !== null && ip !== null && contains(cidr, ip);
}
