/** Interfaces, addresses and routes as lines for `ip -batch`. */
import type { LeasedAttachment } from './leases.ts';
import type { Network } from './network.ts';

/** The option that Podman gives the default route when the network does not say one. */
const defaultMetric = '100';

/** Makes the bridge. With an address of its own it does not change it whenever a container comes or goes. */
export function newBridgeLines(network: Network): string[] {
  const bridge = network.network_interface ?? network.name;
  return [`link add name ${bridge} address ${macOf(network.subnets?.[0]?.gateway ?? bridge)} type bridge`];
}

/** Makes sure that the bridge is up and has its addresses: costs microseconds when it is so already. */
export function bridgeLines(network: Network): string[] {
  const bridge = network.network_interface ?? network.name;
  const addresses = (network.subnets ?? []).flatMap(({ subnet, gateway }) =>
    gateway ? [`${gateway}${lengthOf(subnet)}`] : [],
  );
  return [...addresses.map((address) => addressLine('replace', address, bridge)), `link set ${bridge} up`];
}

export interface HostLineOptions {
  netnsPath: string;
  /** The container has published ports. */
  published: boolean;
}

/** Makes the container's interface straight inside its namespace, and the host's end of it. */
export function hostLines(network: Network, attachment: LeasedAttachment, options: HostLineOptions): string[] {
  const { netnsPath, published } = options;
  const { bridge, hostInterface, interfaceName, mac } = attachment;
  const mtu = network.options?.['mtu'];
  const size = mtu && mtu !== '0' ? ` mtu ${mtu}` : '';
  if (network.driver !== 'bridge') {
    const mode = network.options?.['mode'] ?? (network.driver === 'macvlan' ? 'bridge' : 'l2');
    const address = network.driver === 'macvlan' ? ` address ${mac}` : '';
    return [
      `link add link ${bridge} name ${interfaceName}${address}${size} netns ${netnsPath} type ${network.driver} mode ${mode}`,
    ];
  }
  return [
    `link add name ${hostInterface}${size} type veth peer name ${interfaceName} address ${mac}${size} netns ${netnsPath}`,
    `link set ${hostInterface} master ${bridge} up`,
    // A container that asks for its own published port gets its packet back through the port that it came from.
    ...(published ? [`link set ${hostInterface} type bridge_slave hairpin on`] : []),
  ];
}

/** What remains to be done inside the namespace. */
export function containerLines(network: Network, attachment: LeasedAttachment): string[] {
  const { interfaceName, ips } = attachment;
  const metric = network.options?.['metric'] ?? defaultMetric;
  const addresses = (network.subnets ?? []).map(({ subnet }, index) => `${ips[index] ?? ''}${lengthOf(subnet)}`);
  const noDefault = network.internal || network.options?.['no_default_route'] === 'true';
  const gateways = noDefault ? [] : (network.subnets ?? []).flatMap(({ gateway }) => gateway ?? []);
  return [
    `link set ${interfaceName} up`,
    ...(ips.length === 0 ? [] : addresses.map((address) => addressLine('add', address, interfaceName))),
    // `append`: a second network adds a default route beside the first one.
    ...gateways.map((gateway) => `route append default via ${gateway} dev ${interfaceName} metric ${metric}`),
    ...(network.routes ?? []).map(
      ({ destination, gateway, metric: own }) =>
        `route add ${destination} via ${gateway} dev ${interfaceName} metric ${own ?? metric}`,
    ),
  ];
}

/** A locally administered address that follows from the IP, so that a neighbour's cache is never stale. */
export function macOf(seed: string): string {
  return ['02', ...(hash40(seed).toString(16).padStart(10, '0').match(/../g) ?? [])].join(':');
}

/** 40 bits of FNV-1a: the hashes of node:crypto take 4 ms to load. */
function hash40(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash >> 24n;
}

/** Duplicate address detection would keep an IPv6 address unusable for a second; IPAM made sure that it is free. */
function addressLine(verb: 'add' | 'replace', address: string, device: string): string {
  return address.includes(':')
    ? `addr ${verb} ${address} dev ${device} nodad`
    : `addr ${verb} ${address} brd + dev ${device}`;
}

function lengthOf(subnet: string): string {
  return subnet.slice(subnet.indexOf('/'));
}
