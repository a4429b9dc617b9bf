import { defineCommand } from '../cli/command.ts';
import { networkPruneFilter } from '../network/network-filter.ts';
import { findNetwork, loadNetworks } from '../network/network-store.ts';
import { removeNetwork } from '../network/remove-network.ts';
import type { RuntimeContext } from '../runtime/context.ts';
import { usedNetworks } from '../runtime/network-users.ts';
import { untilTime } from '../runtime/until.ts';
import { confirmed } from './confirm.ts';
import { forEachOperand } from './each.ts';

const warning = 'This will remove all networks not used by at least one container.';

export default defineCommand({
  usage: 'prune [options]',
  describe: 'Prune unused networks',
  flags: {
    filter: { type: 'list', describe: "Provide filter values (e.g. 'label=<key>=<value>')", valueName: 'stringArray' },
    force: { type: 'boolean', alias: 'f', describe: 'do not prompt for confirmation' },
  },
  examples: ['network prune'],

  handler({ filter, force }, context) {
    const { engine } = context;
    if (!force && !confirmed(warning, context)) return 0;
    return forEachOperand(unusedNetworks(engine, filter), context, async (name) => {
      await removeNetwork(engine.networkContext, findNetwork(engine.networkContext, name));
      return name;
    });
  },
});

/** Names of networks that no container is in and that fit. @throws BAD_ARGUMENT */
export function unusedNetworks(engine: RuntimeContext, filter: readonly string[]): string[] {
  const used = usedNetworks(engine);
  const fits = networkPruneFilter(filter, { used, until: untilTime });
  const unused = loadNetworks(engine.networkContext).filter((network) => !used.has(network.name) && fits(network));
  return unused.map(({ name }) => name);
}
