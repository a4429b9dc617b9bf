import { defineCommand } from '../cli/command.ts';
import { hasCode } from '../errors.ts';
import { initializeContainer } from '../runtime/initialize.ts';
import { selectContainers } from '../runtime/select.ts';
import { forEachContainer } from './for-each-container.ts';
import { checkSelection, selectFlags } from './select-flags.ts';

export default defineCommand({
  usage: 'init [options] CONTAINER [CONTAINER...]',
  describe: 'Initialize one or more containers',
  long: 'Initialize one or more containers, creating the OCI spec and mounts for inspection. Container names or IDs can be used.',
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Initialize all containers' },
    latest: selectFlags.latest,
  },
  operands: {},
  examples: ['init 3c45ef19d893', 'init test1'],
  exitCodes: { COMMAND_NOT_FOUND: 125, COMMAND_NOT_EXECUTABLE: 125 },

  async handler(args, context) {
    checkSelection(args);
    const selected = await selectContainers(context.engine, args);
    return forEachContainer(selected, context, async ({ container }) => {
      try {
        await initializeContainer(context.engine, container.config.id);
      } catch (error) {
        // With --all those in another state are listed all the same.
        if (!args.all || !hasCode(error, 'CONTAINER_STATE')) throw error;
      }
      return undefined;
    });
  },
});
