/** Takes one network from a container that goes on running. */

import { messageOf } from '../errors.ts';
import type { PortMapping } from './attachment.ts';
import type { NetworkContext } from './context.ts';
import { withdrawNames } from './dns.ts';
import { rebuildTable } from './firewall.ts';
import { changeLeases } from './leases.ts';
import { ipBatch } from './programs.ts';
import { portElements } from './published.ts';
import { reachableAddresses } from './reachable.ts';

export interface DisconnectOptions {
  containerId: string;
  netnsPath: string;
  network: string;
  ports: PortMapping[];
}

/** Published ports move to the container's next network. What is gone already is no error. */
export async function disconnectNetwork(context: NetworkContext, options: DisconnectOptions): Promise<void> {
  const removed = await changeLeases(context, async (file) => {
    const lease = file.leases[options.containerId];
    const attachment = lease?.attachments[options.network];
    if (!lease || !attachment) return null;
    delete lease.attachments[options.network];
    lease.elements = portElements(options.ports, reachableAddresses(context, lease.attachments));
    await ipBatch([`link delete ${attachment.interfaceName}`], options.netnsPath).catch(ignoreMissing);
    await rebuildTable(context, file);
    return { ...lease, attachments: { [options.network]: attachment } };
  });
  if (removed) await withdrawNames(context, options.containerId, removed);
}

/** The interface may be gone already. */
function ignoreMissing(error: unknown): void {
  if (!/Cannot find device/.test(messageOf(error))) throw error;
}
