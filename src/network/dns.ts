/** Names of containers on networks that want them. */
import type { NetworkContext } from './context.ts';
import { dnsServerProgram, type NamedContainer } from './dns-server.ts';
import type { Lease } from './leases.ts';
import type { Network } from './network.ts';

/** What resolv.conf gets from a network. */
export function dnsStatus(
  context: NetworkContext,
  network: Network,
): { dnsServers: string[]; dnsSearchDomains: string[] } {
  if (!servesNames(context, network)) return { dnsServers: [], dnsSearchDomains: [] };
  const dnsServers = (network.subnets ?? []).flatMap(({ gateway }) => gateway ?? []);
  return { dnsServers, dnsSearchDomains: ['dns.podman'] };
}

/** Tells the DNS server a container's names. */
export async function publishNames(
  context: NetworkContext,
  networks: Network[],
  lease: Lease,
  container: NamedContainer,
): Promise<void> {
  const named = networks.filter((network) => servesNames(context, network));
  if (named.length === 0) return;
  const { addNames } = await import('./aardvark.ts');
  await addNames(context, named, lease, container);
}

/** Takes them back. */
export async function withdrawNames(context: NetworkContext, containerId: string, lease: Lease): Promise<void> {
  if (dnsServerProgram(context) === null) return;
  const { removeNames } = await import('./aardvark.ts');
  await removeNames(context, containerId, Object.keys(lease.attachments));
}

function servesNames(context: NetworkContext, network: Network): boolean {
  return network.driver === 'bridge' && network.dns_enabled && dnsServerProgram(context) !== null;
}
