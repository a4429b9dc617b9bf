/** Makes the rules of the packet filter again, for example after somebody flushed them. */
import type { NetworkContext } from './context.ts';
import { rebuildTable } from './firewall.ts';
import { changeLeases } from './leases.ts';

export function reloadRules(context: NetworkContext): Promise<void> {
  return changeLeases(context, (file) => rebuildTable(context, file));
}
