/** Where published ports can be sent. */
import type { NetworkContext } from './context.ts';
import { networkByName } from './network-store.ts';

/** A container's addresses on networks that have a way in: bridges that are not internal. */
export function reachableAddresses(context: NetworkContext, attachments: Record<string, { ips: string[] }>): string[] {
  return Object.entries(attachments).flatMap(([name, { ips }]) => {
    const network = networkByName(context, name);
    return network?.driver === 'bridge' && !network.internal ? ips : [];
  });
}
