/** What `network inspect` shows: the definition, and who is connected. */
import type { NetworkStatus } from './attachment.ts';
import type { NetworkContext } from './context.ts';
import { type Network, orderedNetwork } from './network.ts';
import { findNetwork } from './network-store.ts';

/** A container that may be connected. */
export interface Connected {
  id: string;
  name: string;
  networks: Record<string, NetworkStatus>;
}

export interface NetworkReport extends Network {
  containers: Record<string, { name: string; interfaces: Record<string, InterfaceReport> }>;
}

interface InterfaceReport {
  subnets: { ipnet: string; gateway?: string }[];
  mac_address: string;
}

/** Throws NO_SUCH_NETWORK. */
export function inspectNetwork(context: NetworkContext, nameOrId: string, containers: Connected[] = []): NetworkReport {
  const network = findNetwork(context, nameOrId);
  const connected = containers.filter(({ networks }) => Object.hasOwn(networks, network.name));
  const entries = connected.map(({ id, name, networks }) => {
    const status = networks[network.name];
    return [id, { name, interfaces: status ? { [status.interfaceName]: interfaceReport(status) } : {} }] as const;
  });
  return { ...orderedNetwork(network), containers: Object.fromEntries(entries) };
}

function interfaceReport({ subnets, macAddress }: NetworkStatus): InterfaceReport {
  return {
    subnets: subnets.map(({ ipnet, gateway }) => ({ ipnet, ...(gateway ? { gateway } : {}) })),
    mac_address: macAddress,
  };
}
