import { defineCommand } from '../cli/command.ts';
import { restartContainer } from '../runtime/restart.ts';
import { selectContainers } from '../runtime/select.ts';
import { forEachContainer, warner } from './for-each-container.ts';
import { checkSelection, readCidFiles, selectFlags } from './select-flags.ts';
import { stopSeconds, timeFlag } from './stop.ts';

export default defineCommand({
  usage: 'restart [options] CONTAINER [CONTAINER...]',
  describe: 'Restart one or more containers',
  long: `Restarts one or more running containers. The container ID or name can be used.

  A timeout before forcibly stopping can be set, but defaults to 10 seconds.`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Restart all non-running containers' },
    running: { type: 'boolean', describe: 'Restart only running containers' },
    time: timeFlag,
    ...selectFlags,
  },
  operands: {},
  examples: ['restart ctrID', 'restart ctrID1 ctrID2'],

  async handler(args, context) {
    if (!args.running) checkSelection(args);
    const operands = [...args.operands, ...readCidFiles(args.cidfile)];
    const selected = await selectContainers(context.engine, { ...args, operands });
    const options = { timeout: stopSeconds(args.time), warn: warner(context) };
    return forEachContainer(selected, context, ({ container }) =>
      restartContainer(context.engine, container.config.id, options),
    );
  },
});
