/** What a network and a container's ports are in the packet filter. */
import type { PortMapping } from './attachment.ts';
import { formatIp, parseIp } from './ip.ts';
import type { Element } from './leases.ts';
import type { Network } from './network.ts';

/** Elements that send published ports to the container: to its first address of each kind that the host can reach. */
export function portElements(ports: PortMapping[], addresses: string[]): Element[] {
  const v4 = addresses.find((address) => !address.includes(':'));
  const v6 = addresses.find((address) => address.includes(':'));
  return ports.flatMap((mapping) => {
    const host = parseIp(mapping.hostIp);
    const wild = host === null || host.value === 0n;
    const wants4 = host === null || host.version === 4;
    const wants6 = host === null || host.version === 6;
    const prefix = wild || host === null ? '' : `${formatIp(host)} . `;
    return [
      ...(v4 && wants4 ? expand(mapping, `${wild ? '' : 'address_'}ports4`, prefix, v4) : []),
      ...(v6 && wants6 ? expand(mapping, `${wild ? '' : 'address_'}ports6`, prefix, v6) : []),
    ];
  });
}

function expand(mapping: PortMapping, set: string, prefix: string, target: string): Element[] {
  return Array.from({ length: mapping.range }, (_, index) => ({
    set,
    key: `${prefix}${mapping.protocol} . ${mapping.hostPort + index}`,
    value: `${target} . ${mapping.containerPort + index}`,
  }));
}

/** Elements of a bridge network that all its containers share. */
export function bridgeElements(network: Network): Element[] {
  const bridge = network.network_interface;
  if (bridge === undefined || network.driver !== 'bridge') return [];
  const isolate = network.options?.['isolate'] ?? 'false';
  return [
    { set: 'bridges', key: `"${bridge}"` },
    { set: 'same_bridge', key: `"${bridge}" . "${bridge}"` },
    ...(network.internal ? [{ set: 'internal', key: `"${bridge}"` }] : []),
    ...(isolate === 'true' || isolate === 'strict' ? [{ set: 'isolated', key: `"${bridge}"` }] : []),
    ...(isolate === 'strict' ? [{ set: 'strictly_isolated', key: `"${bridge}"` }] : []),
    ...(network.internal ? [] : (network.subnets ?? []).flatMap(({ subnet }) => subnetElements(subnet))),
  ];
}

function subnetElements(subnet: string): Element[] {
  const version = subnet.includes(':') ? 6 : 4;
  return [
    { set: `subnets${version}`, key: subnet },
    { set: `same_subnet${version}`, key: `${subnet} . ${subnet}` },
  ];
}
