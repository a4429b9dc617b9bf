/**
 * Connects a container's network namespace: addresses under the lock, then `ip` (twice: host and inside) beside one
 * atomic `nft`. All or nothing.
 */

import { TspodError } from '../errors.ts';
import { readInNetns } from '../system/netns.ts';
import { randomBytes } from '../system/random.ts';
import { allocateIps } from './allocate.ts';
import type { NetworkAttachment, NetworkStatus, PortMapping } from './attachment.ts';
import type { NetworkContext } from './context.ts';
import { disconnectNetwork } from './disconnect.ts';
import { dnsStatus, publishNames } from './dns.ts';
import type { NamedContainer } from './dns-server.ts';
import { addElements, rebuildTable } from './firewall.ts';
import {
  changeLeases,
  dropStaleLeases,
  forgetBridge,
  type Lease,
  type LeasedAttachment,
  type LeaseFile,
} from './leases.ts';
import { bridgeLines, containerLines, type HostLineOptions, hostLines, macOf, newBridgeLines } from './links.ts';
import type { Network } from './network.ts';
import { findNetwork } from './network-store.ts';
import { ipBatch } from './programs.ts';
import { bridgeElements, portElements } from './published.ts';
import { reachableAddresses } from './reachable.ts';
import { checkRoutes } from './route-conflict.ts';
import { hostRoutes } from './routes.ts';
import { enableForwarding, interfaceExists, prepareBridge } from './sysctl.ts';
import { teardownNetworks } from './teardown.ts';

export { teardownNetworks } from './teardown.ts';

export interface SetupOptions extends NamedContainer {
  /** The container's namespace: exists, loopback is up. */
  netnsPath: string;
  /** Network name to wishes, in the order in which interfaces are numbered. */
  networks: Record<string, NetworkAttachment>;
  ports: PortMapping[];
  /** The container runs already: these networks come beside those it has. */
  beside?: boolean;
}

interface Attached {
  network: Network;
  leased: LeasedAttachment;
}

/** Throws NO_SUCH_NETWORK, NETWORK_FAILED, MISSING_PROGRAM, or BAD_ARGUMENT for an address outside the subnet. */
export async function setupNetworks(
  context: NetworkContext,
  options: SetupOptions,
): Promise<Record<string, NetworkStatus>> {
  const networks = Object.keys(options.networks).map((name) => findNetwork(context, name));
  if (networks.length === 0) return {};
  for (const network of networks) checkDriver(network);
  if (context.userNetns === undefined) prepareHost(networks);
  const lease = await changeLeases(context, (file) => leaseAll(context, file, networks, options));
  try {
    const attached = networks.map((network) => ({ network, leased: attachmentOf(lease, network.name) }));
    const elements = [...networks.flatMap(bridgeElements), ...lease.elements];
    const work = [
      addElements(context, elements),
      connect(context, attached, { netnsPath: options.netnsPath, published: options.ports.length > 0 }),
    ];
    // Nothing may still be under way when the set-up is rolled back.
    for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason;
    await publishNames(context, networks, lease, options);
    return Object.fromEntries(attached.map((each) => [each.network.name, statusOf(context, each)]));
  } catch (error) {
    await rollBack(context, options, lease);
    throw error;
  }
}

/** What all networks need of the namespace that their bridges are in. */
function prepareHost(networks: Network[], userNetns?: string): void {
  checkRoutes(networks, userNetns === undefined ? undefined : hostRoutes(readInNetns(userNetns, routeTable)));
  const routed = networks.filter((network) => !network.internal && network.driver === 'bridge');
  if (routed.length > 0)
    enableForwarding(
      routed.some((network) => network.ipv6_enabled),
      userNetns,
    );
}

const routeTable = '/proc/thread-self/net/route';

function checkDriver(network: Network): void {
  if (!['bridge', 'macvlan', 'ipvlan'].includes(network.driver)) {
    throw new TspodError('UNSUPPORTED', `network "${network.name}": the driver "${network.driver}" is not supported`);
  }
  const { vlan, vrf, mode } = network.options ?? {};
  const refused = { vlan, vrf, 'mode=unmanaged': mode === 'unmanaged' ? mode : undefined };
  for (const [option, value] of Object.entries(refused)) {
    if (value === undefined) continue;
    throw new TspodError('UNSUPPORTED', `network "${network.name}": the option "${option}" is not supported`);
  }
  if (network.ipam_options?.['driver'] === 'dhcp') {
    throw new TspodError('UNSUPPORTED', `network "${network.name}": the ipam driver "dhcp" is not supported`);
  }
}

/** Runs under the lock: addresses, bridges, and the shared part of the packet filter when a bridge is new to it. */
async function leaseAll(
  context: NetworkContext,
  file: LeaseFile,
  networks: Network[],
  options: SetupOptions,
): Promise<Lease> {
  const { userNetns } = context;
  if (userNetns !== undefined) {
    (await import('./user-netns.ts')).openUserNetns(context);
    prepareHost(networks, userNetns);
  }
  for (const bridge of await prepareBridges(networks, userNetns)) forgetBridge(file, bridge);
  const previous = file.leases[options.containerId];
  const attachments = options.beside ? { ...previous?.attachments } : {};
  // A lease from before a crash is as stale as one whose namespace is gone.
  if (!options.beside) delete file.leases[options.containerId];
  const stale = [...dropStaleLeases(file), ...(previous && !options.beside ? [previous] : [])];
  for (const network of networks) {
    const wish = options.networks[network.name] ?? {};
    attachments[network.name] = lease(file, network, wish, Object.values(attachments));
  }
  // A new entry goes last: order is age.
  delete file.leases[options.containerId];
  const elements = portElements(options.ports, reachableAddresses(context, attachments));
  const result = { netnsPath: options.netnsPath, attachments, elements };
  file.leases[options.containerId] = result;
  const changed = noteBridges(file, networks);
  if (changed || stale.some((each) => each.elements.length > 0)) await rebuildTable(context, file);
  return result;
}

function lease(
  file: LeaseFile,
  network: Network,
  wish: NetworkAttachment,
  others: LeasedAttachment[],
): LeasedAttachment {
  const ips = allocateIps(file, network, wish.staticIps ?? []);
  return {
    bridge: network.network_interface ?? network.name,
    hostInterface: `veth${randomBytes(4).toString('hex')}`,
    interfaceName: wish.interfaceName || freeInterfaceName(others),
    mac: wish.staticMac || macOf(ips[0] ?? randomBytes(8).toString('hex')),
    ips,
  };
}

function freeInterfaceName(others: LeasedAttachment[]): string {
  const used = new Set(others.map((other) => other.interfaceName));
  let index = 0;
  while (used.has(`eth${index}`)) index++;
  return `eth${index}`;
}

/** Returns the names of those that were missing. */
async function prepareBridges(networks: Network[], userNetns?: string): Promise<string[]> {
  const made: string[] = [];
  for (const network of networks) {
    const bridge = network.network_interface;
    if (network.driver !== 'bridge' || bridge === undefined) continue;
    if (interfaceExists(bridge, userNetns)) continue;
    await ipBatch(newBridgeLines(network), userNetns);
    prepareBridge(bridge, userNetns);
    made.push(bridge);
  }
  return made;
}

/** True when a bridge is new, or its rules are not those that the packet filter has. */
function noteBridges(file: LeaseFile, networks: Network[]): boolean {
  let changed = false;
  for (const network of networks) {
    const bridge = network.network_interface;
    if (network.driver !== 'bridge' || bridge === undefined) continue;
    const elements = bridgeElements(network);
    if (JSON.stringify(file.bridges[bridge]) === JSON.stringify(elements)) continue;
    file.bridges[bridge] = elements;
    changed = true;
  }
  return changed;
}

async function connect({ userNetns }: NetworkContext, attached: Attached[], options: HostLineOptions): Promise<void> {
  const host = attached.flatMap(({ network, leased }) => [
    ...(network.driver === 'bridge' ? bridgeLines(network) : []),
    ...hostLines(network, leased, options),
  ]);
  await ipBatch(host, userNetns);
  await ipBatch(
    attached.flatMap(({ network, leased }) => containerLines(network, leased)),
    options.netnsPath,
  );
}

/** The first error is the one to report; a lease that stays behind is dropped once its namespace is gone. */
async function rollBack(context: NetworkContext, options: SetupOptions, lease: Lease): Promise<void> {
  const { containerId, netnsPath, ports } = options;
  const names = Object.keys(options.networks);
  const links = names.map((name) => attachmentOf(lease, name).hostInterface);
  const { userNetns } = context;
  const made = links.filter((name) => interfaceExists(name, userNetns));
  await Promise.allSettled(made.map((name) => ipBatch([`link delete ${name}`], userNetns)));
  if (!options.beside) {
    await teardownNetworks(context, options).catch(() => undefined);
    return;
  }
  for (const network of names) {
    await disconnectNetwork(context, { containerId, netnsPath, network, ports }).catch(() => undefined);
  }
}

function attachmentOf(lease: Lease, name: string): LeasedAttachment {
  const found = lease.attachments[name];
  if (!found) throw new TspodError('NETWORK_FAILED', `no lease for network "${name}"`);
  return found;
}

function statusOf(context: NetworkContext, { network, leased }: Attached): NetworkStatus {
  const subnets = leased.ips.map((ip, index) => {
    const { subnet = '', gateway = '' } = network.subnets?.[index] ?? {};
    return { ipnet: `${ip}${subnet.slice(subnet.indexOf('/'))}`, gateway: network.internal ? '' : gateway };
  });
  return { interfaceName: leased.interfaceName, macAddress: leased.mac, subnets, ...dnsStatus(context, network) };
}
