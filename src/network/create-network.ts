/** Makes a new network: checks what was asked for, fills in the rest, and writes its file. */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, mkdirSync, readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { hasErrno, TspodError } from '../errors.ts';
import { withLock } from '../system/lock.ts';
import type { NetworkContext } from './context.ts';
import { freeIpv4Subnet, freeIpv6Subnet } from './free-subnet.ts';
import { type Cidr, parseCidr, parseIp } from './ip.ts';
import { NAME_PATTERN, type Network } from './network.ts';
import { checkOptions } from './network-options.ts';
import { loadNetworks, saveNetwork } from './network-store.ts';
import { hostRoutes } from './routes.ts';
import { normalizeSubnets } from './subnet.ts';

/** A definition as the user asks for it: what is missing is chosen. */
export type NetworkRequest = Partial<Omit<Network, 'id' | 'created'>>;

/** Throws BAD_ARGUMENT in Podman's words, NAME_IN_USE. With `ignore` an existing network of that name is returned. */
export async function createNetwork(
  context: NetworkContext,
  request: NetworkRequest,
  ignore = false,
): Promise<Network> {
  const name = request.name ?? '';
  if (reserved.includes(name)) {
    throw bad(`cannot create network with name "${name}" because it conflicts with a valid network mode`);
  }
  return withDefinitionLock(context, () => {
    const existing = loadNetworks(context);
    if (name !== '' && !NAME_PATTERN.test(name)) throw badName('network name', name);
    const same = existing.find((network) => network.name === name);
    if (same && ignore) return same;
    if (same) throw new TspodError('NAME_IN_USE', `network name ${name} already used: network already exists`);
    const network = complete(context, request, existing);
    saveNetwork(context, network);
    return network;
  });
}

const reserved = ['none', 'host', 'bridge', 'private', 'slirp4netns', 'pasta', 'container', 'ns', 'default'];

/** The lock under which Podman changes definitions; ours alone where that cannot be written. */
export function withDefinitionLock<T>(context: NetworkContext, work: () => T | Promise<T>): Promise<T> {
  const folder = context.paths.networkConfigDir;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  if (context.userNetns !== undefined) return withLock(`${folder}/netavark.lock`, 'exclusive', work);
  try {
    accessSync('/run/lock', constants.W_OK);
    return withLock('/run/lock/netavark.lock', 'exclusive', work);
  } catch (error) {
    if (!hasErrno(error, 'EACCES', 'EROFS', 'ENOENT', 'EPERM')) throw error;
    return withLock(`${folder}/netavark.lock`, 'exclusive', work);
  }
}

function complete(context: NetworkContext, request: NetworkRequest, existing: Network[]): Network {
  const draft: Network = {
    driver: 'bridge',
    ipv6_enabled: false,
    internal: false,
    dns_enabled: false,
    ...request,
    name: request.name || freeDeviceName(existing),
    id: randomBytes(32).toString('hex'),
    created: new Date().toISOString(),
  };
  if (draft.driver === 'bridge' && !request.name) draft.network_interface ||= draft.name;
  checkInterfaceName(draft.network_interface);
  checkIpamDriver(draft);
  if (!['bridge', 'macvlan', 'ipvlan'].includes(draft.driver)) {
    throw bad(`could not find plugin "${draft.driver}"`);
  }
  checkOptions(draft);
  const used = draft.driver === 'bridge' ? completeBridge(context, draft, existing) : completeParent(draft);
  if (draft.ipam_options?.['driver'] === 'none') draft.dns_enabled = false;
  checkDnsServers(draft);
  return normalizeSubnets(draft, used);
}

/** Chooses bridge and subnets; returns the subnets that it may not overlap. */
function completeBridge(context: NetworkContext, draft: Network, existing: Network[]): Cidr[] {
  const shared = draft.options?.['vlan'] !== undefined || draft.options?.['mode'] === 'unmanaged';
  const used = shared ? [] : usedSubnets(existing);
  if (!draft.network_interface) draft.network_interface = freeDeviceName(existing);
  const taken = existing.some((each) => each.driver === 'bridge' && each.network_interface === draft.network_interface);
  if (taken && !shared) throw bad(`bridge name ${draft.network_interface} already in use`);
  if (!NAME_PATTERN.test(draft.network_interface)) throw badName('bridge name', draft.network_interface);
  const driver = draft.ipam_options?.['driver'] ?? '';
  if (driver !== '' && driver !== 'host-local') return used;
  const subnets = [...(draft.subnets ?? [])];
  if (subnets.length === 0) subnets.push({ subnet: freeIpv4Subnet(used, context.conf.defaultSubnetPools) });
  if (draft.ipv6_enabled) {
    const has = (ipv6: boolean) => subnets.some(({ subnet }) => subnet.includes(':') === ipv6);
    if (!has(false)) subnets.push({ subnet: freeIpv4Subnet(used, context.conf.defaultSubnetPools) });
    if (!has(true)) subnets.push({ subnet: freeIpv6Subnet(used) });
  }
  draft.subnets = subnets;
  draft.ipam_options = { ...draft.ipam_options, driver: 'host-local' };
  return used;
}

function completeParent(draft: Network): Cidr[] {
  const { driver, network_interface: parent, subnets = [] } = draft;
  if (parent && !liveInterfaces().includes(parent)) throw bad(`parent interface ${parent} does not exist`);
  draft.dns_enabled = false;
  const ipam = draft.ipam_options?.['driver'] || (subnets.length === 0 ? 'dhcp' : 'host-local');
  if (ipam === 'dhcp' && driver === 'ipvlan') throw bad('ipam driver dhcp is not supported with ipvlan');
  if (ipam === 'dhcp' && subnets.length > 0) throw bad('ipam driver dhcp set but subnets are set');
  if (ipam === 'host-local' && subnets.length === 0) {
    throw bad(`${driver} driver needs at least one subnet specified when the host-local ipam driver is set`);
  }
  draft.ipam_options = { ...draft.ipam_options, driver: ipam };
  return [];
}

function checkIpamDriver({ ipam_options: options, subnets = [] }: Network): void {
  const driver = options?.['driver'] ?? '';
  if (!['', 'host-local', 'dhcp', 'none'].includes(driver)) throw bad(`unsupported ipam driver "${driver}"`);
  if (driver === 'none' && subnets.length > 0) throw bad('none ipam driver is set but subnets are given');
}

function checkDnsServers({ network_dns_servers: servers = [], dns_enabled: enabled }: Network): void {
  if (servers.length > 0 && !enabled) {
    throw bad('cannot set NetworkDNSServers if DNS is not enabled for the network: invalid argument');
  }
  for (const server of servers) {
    if (!parseIp(server)) throw bad(`unable to parse ip ${server} specified in NetworkDNSServers: invalid argument`);
  }
}

function checkInterfaceName(name = ''): void {
  const invalid = (why: string) => bad(`network interface name ${name} invalid: ${why}: invalid argument`);
  if (name.length > 15) throw invalid('interface name is too long: interface names must be 15 characters or less');
  if (name === '.' || name === '..') throw invalid('interface name is . or ..');
  if (/[/:\s]/.test(name)) throw invalid('interface name contains / or : or whitespace characters');
}

/** podman0 is the default network's. */
function freeDeviceName(existing: Network[]): string {
  const taken = new Set([
    ...existing.flatMap(({ name, network_interface }) => [name, network_interface ?? '']),
    ...liveInterfaces(),
  ]);
  let index = 1;
  while (taken.has(`podman${index}`)) index++;
  return `podman${index}`;
}

/** Also those that are down. */
function liveInterfaces(): string[] {
  return readdirSync('/proc/sys/net/ipv4/conf').filter((name) => name !== 'all' && name !== 'default');
}

function usedSubnets(existing: Network[]): Cidr[] {
  const configured = existing.flatMap(({ subnets = [] }) => subnets.map(({ subnet }) => subnet));
  const live = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ cidr }) => cidr ?? ''),
  );
  // Networks that the host reaches through others: to take one of them would cut it off.
  const routed = hostRoutes().map(({ subnet }) => subnet);
  return [...configured, ...live, ...routed].flatMap((text) => parseCidr(text) ?? []);
}

function badName(what: string, name: string): TspodError {
  return bad(`${what} ${name} invalid: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`);
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
