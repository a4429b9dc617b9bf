/** Makes the rules of the packet filter again, for example after somebody flushed them. */
import type { NetworkContext } from './context.ts';
import { rebuildTable } from './firewall.ts';
import { changeLeases } from './leases.ts';
import { hasBridges } from './user-netns.ts';

export function reloadRules(context: NetworkContext): Promise<void> {
  return changeLeases(context, async (file) => {
    if (hasBridges(context)) await rebuildTable(context, file);
  });
}
