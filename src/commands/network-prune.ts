import { readSync } from 'node:fs';
import { type Context, defineCommand } from '../cli/command.ts';
import { networkPruneFilter } from '../network/network-filter.ts';
import { findNetwork, loadNetworks } from '../network/network-store.ts';
import { removeNetwork } from '../network/remove-network.ts';
import { usedNetworks } from '../runtime/network-users.ts';
import { untilTime } from '../runtime/until.ts';
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
    if (!force && !confirmed(context)) return 0;
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

function confirmed(context: Context): boolean {
  context.stdout('WARNING! This will remove all networks not used by at least one container.\n');
  context.stdout('Are you sure you want to continue? [y/N] ');
  const answer = Buffer.alloc(16);
  return /^y/i.test(answer.toString('latin1', 0, readSync(0, answer)));
}
