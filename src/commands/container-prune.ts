import { defineCommand } from '../cli/command.ts';
import { errorText } from '../cli/exit-code.ts';
import { pruneContainers } from '../runtime/prune.ts';
import { confirmed } from './confirm.ts';

export default defineCommand({
  usage: 'prune [options]',
  describe: 'Remove all non running containers',
  long: 'podman container prune\n\n\tRemoves all non running containers',
  flags: {
    filter: { type: 'list', valueName: 'stringArray', describe: "Provide filter values (e.g. 'label=<key>=<value>')" },
    force: { type: 'boolean', alias: 'f', describe: 'Do not prompt for confirmation.  The default is false' },
  },
  examples: ['container prune'],

  async handler(args, context) {
    if (!args.force && !confirmed('This will remove all non running containers.', context)) return 0;
    let exitCode = 0;
    for (const { id, error } of await pruneContainers(context.engine, args.filter)) {
      if (error === undefined) {
        context.stdout(`${id}\n`);
        continue;
      }
      context.stderr(errorText(error));
      exitCode = 125;
    }
    return exitCode;
  },
});
