import { type Context, defineCommand } from '../cli/command.ts';
import { hasCode } from '../errors.ts';
import type { RuntimeContext } from '../runtime/context.ts';
import { pauseContainer } from '../runtime/pause.ts';
import { selectContainers } from '../runtime/select.ts';
import { forEachContainer } from './for-each-container.ts';
import { checkSelection, readCidFiles, type SelectArgs, selectFlags } from './select-flags.ts';

export default defineCommand({
  usage: 'pause [options] CONTAINER [CONTAINER...]',
  describe: 'Pause all the processes in one or more containers',
  long: 'Pauses one or more running containers.  The container name or ID can be used.',
  flags: { all: { type: 'boolean', alias: 'a', describe: 'Pause all running containers' }, ...selectFlags },
  operands: {},
  examples: ['pause mywebserver', 'pause 860a4b23', 'pause --all'],
  handler: (args, context) => forSelected(args, context, pauseContainer),
});

/** What pause and unpause have in common: with --all, containers in another state are passed over. */
export async function forSelected(
  args: SelectArgs & { filter: string[] },
  context: Context,
  change: (rt: RuntimeContext, id: string) => Promise<void>,
): Promise<number> {
  checkSelection(args);
  const operands = [...args.operands, ...readCidFiles(args.cidfile ?? [])];
  const selected = await selectContainers(context.engine, { ...args, operands });
  return forEachContainer(selected, context, async ({ container }) => {
    try {
      await change(context.engine, container.config.id);
    } catch (error) {
      if (!args.all || !hasCode(error, 'CONTAINER_STATE')) throw error;
      return [];
    }
    return undefined;
  });
}
