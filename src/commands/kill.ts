import { defineCommand } from '../cli/command.ts';
import { hasCode } from '../errors.ts';
import { killContainer } from '../runtime/kill.ts';
import { selectContainers } from '../runtime/select.ts';
import { parseSignal } from '../runtime/signals.ts';
import { forEachContainer } from './for-each-container.ts';
import { checkSelection, readCidFiles, selectFlags } from './select-flags.ts';

export default defineCommand({
  usage: 'kill [options] CONTAINER [CONTAINER...]',
  describe: 'Kill one or more running containers with a specific signal',
  long: 'The main process inside each container specified will be sent SIGKILL, or any signal specified with option --signal.',
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Signal all running containers' },
    cidfile: selectFlags.cidfile,
    latest: selectFlags.latest,
    signal: { type: 'string', alias: 's', default: 'KILL', describe: 'Signal to send to the container' },
  },
  operands: {},
  examples: ['kill mywebserver', 'kill 860a4b23', 'kill --signal TERM ctrID'],

  async handler(args, context) {
    checkSelection(args);
    const operands = [...args.operands, ...readCidFiles(args.cidfile)];
    const signal = parseSignal(args.signal);
    const selected = await selectContainers(context.engine, { ...args, operands });
    return forEachContainer(selected, context, async ({ container }) => {
      try {
        await killContainer(context.engine, container.config.id, signal);
      } catch (error) {
        if (!args.all || !hasCode(error, 'CONTAINER_STATE')) throw error;
        return [];
      }
      return undefined;
    });
  },
});
