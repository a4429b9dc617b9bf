import { defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { reloadRules } from '../network/reload.ts';
import { type Selected, selectContainers } from '../runtime/select.ts';
import { forEachContainer } from './for-each-container.ts';
import { checkSelection, selectFlags } from './select-flags.ts';

export default defineCommand({
  usage: 'reload [options] [CONTAINER...]',
  describe: 'Reload firewall rules for one or more containers',
  long: 'Reload container network configuration, recreating firewall rules',
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Reload network configuration of all containers' },
    latest: selectFlags.latest,
  },
  operands: { complete: 'containers' },
  examples: ['network reload 3c13ef6dd843', 'network reload test1 test2'],

  async handler(args, context) {
    checkSelection(args);
    const selected = await selectContainers(context.engine, args);
    const usable = args.all ? selected.filter(isConnected) : selected;
    if (usable.some(isConnected)) await reloadRules(context.engine.networkContext);
    return forEachContainer(usable, context, async (each) => {
      const { config } = each.container;
      if (!isConnected(each)) {
        throw new TspodError(
          'CONTAINER_STATE',
          `cannot reload network unless container network has been configured: container state improper`,
        );
      }
      return [config.id];
    });
  },
});

function isConnected({ container }: Selected): boolean {
  const { config, state } = container;
  return config.network.mode === 'bridge' && (state.status === 'running' || state.status === 'paused');
}
