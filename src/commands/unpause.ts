import { defineCommand } from '../cli/command.ts';
import { unpauseContainer } from '../runtime/pause.ts';
import { forSelected } from './pause.ts';
import { selectFlags } from './select-flags.ts';

export default defineCommand({
  usage: 'unpause [options] CONTAINER [CONTAINER...]',
  describe: 'Unpause the processes in one or more containers',
  long: 'Unpauses one or more previously paused containers.  The container name or ID can be used.',
  flags: { all: { type: 'boolean', alias: 'a', describe: 'Unpause all paused containers' }, ...selectFlags },
  operands: {},
  examples: ['unpause ctrID', 'unpause --all'],
  handler: (args, context) => forSelected(args, context, unpauseContainer),
});
