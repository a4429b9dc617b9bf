import { defineCommand } from '../cli/command.ts';
import { hasCode } from '../errors.ts';
import { selectContainers } from '../runtime/select.ts';
import { stopContainer } from '../runtime/stop.ts';
import { forEachContainer, warner } from './for-each-container.ts';
import { removeImageOf } from './remove-image-of.ts';
import { checkSelection, readCidFiles, selectFlags } from './select-flags.ts';

/** Seconds to wait, as stop, restart and rm have it. */
export const timeFlag = {
  type: 'number',
  alias: 't',
  aliases: ['timeout'],
  valueName: 'int',
  describe: 'Seconds to wait for stop before killing the container',
} as const;

/** A negative time means: for ever. */
export function stopSeconds(time: number | undefined): number | undefined {
  return time !== undefined && time < 0 ? Number.MAX_SAFE_INTEGER : time;
}

export default defineCommand({
  usage: 'stop [options] CONTAINER [CONTAINER...]',
  describe: 'Stop one or more containers',
  long: `Stops one or more running containers.  The container name or ID can be used.

  A timeout to forcibly stop the container can also be set but defaults to 10 seconds otherwise.`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Stop all running containers' },
    ignore: { type: 'boolean', alias: 'i', describe: 'Ignore errors when a specified container is missing' },
    service: { type: 'boolean', hidden: true, describe: 'Stop as service (do not mark as stopped by user)' },
    time: timeFlag,
    ...selectFlags,
  },
  operands: {},
  examples: ['stop ctrID', 'stop --time 2 mywebserver 6e534f14da9d'],

  async handler(args, context) {
    checkSelection(args);
    const operands = [...args.operands, ...readCidFiles(args.cidfile, args.ignore)];
    const selected = await selectContainers(context.engine, { ...args, operands });
    const options = { timeout: stopSeconds(args.time), byUser: !args.service, warn: warner(context) };
    return forEachContainer(selected, context, async ({ container }) => {
      const { id } = container.config;
      try {
        const result = await stopContainer(context.engine, id, options);
        // With --all only those that were stopped are listed.
        if (result === 'not running' && args.all && container.state.status !== 'exited') return [];
      } catch (error) {
        if (!hasCode(error, 'NO_SUCH_CONTAINER')) throw error;
      }
      await removeImageOf(container.config, context);
      return undefined;
    });
  },
});
