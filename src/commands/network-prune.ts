import { defineCommand } from '../cli/command.ts';
import { networkPruneFilter } from '../network/network-filter.ts';
import { findNetwork, loadNetworks } from '../network/network-store.ts';
import { removeNetwork } from '../network/remove-network.ts';
import { usedNetworks } from '../runtime/network-users.ts';
import { untilTime } from '../runtime/until.ts';
import { confirmed } from './confirm.ts';
import { forEachOperand } from './each.ts';

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
    if (!force && !confirmed('This will remove all networks not used by at least one container.', context)) return 0;
    const used = usedNetworks(engine);
    const fits = networkPruneFilter(filter, { used, until: untilTime });
    const unused = loadNetworks(engine.networkContext).filter((network) => !used.has(network.name) && fits(network));
    return forEachOperand(
      unused.map(({ name }) => name),
      context,
      async (name) => {
        await removeNetwork(engine.networkContext, findNetwork(engine.networkContext, name));
        return name;
      },
    );
  },
});
