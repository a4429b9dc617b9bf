/** Changes the DNS servers to which a network's own one forwards. */
import { TspodError } from '../errors.ts';
import type { NetworkContext } from './context.ts';
import { withDefinitionLock } from './create-network.ts';
import { dnsServerProgram } from './dns-server.ts';
import { parseIp } from './ip.ts';
import { findNetwork, saveNetwork } from './network-store.ts';

export interface NetworkChange {
  addDnsServers: string[];
  removeDnsServers: string[];
}

/** BAD_ARGUMENT for what is no address, NO_SUCH_NETWORK. */
export async function updateNetwork(context: NetworkContext, name: string, change: NetworkChange): Promise<void> {
  check(change.addDnsServers, 'AddDNSServer');
  check(change.removeDnsServers, 'RemoveDNSServer');
  const network = await withDefinitionLock(context, () => {
    const found = findNetwork(context, name);
    const kept = (found.network_dns_servers ?? []).filter((server) => !change.removeDnsServers.includes(server));
    const changed = { ...found, network_dns_servers: [...new Set([...kept, ...change.addDnsServers])] };
    saveNetwork(context, changed);
    return changed;
  });
  if (dnsServerProgram(context) === null) return;
  const { updateHeader } = await import('./aardvark.ts');
  await updateHeader(context, network);
}

function check(servers: string[], where: string): void {
  for (const server of servers) {
    if (parseIp(server)) continue;
    throw new TspodError('BAD_ARGUMENT', `unable to parse ip ${server} specified in ${where}: invalid argument`);
  }
}
