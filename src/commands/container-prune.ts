import { readSync } from 'node:fs';
import { type Context, defineCommand } from '../cli/command.ts';
import { errorText } from '../cli/exit-code.ts';
import { pruneContainers } from '../runtime/prune.ts';

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
    if (!args.force && !confirmed(context)) return 0;
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

function confirmed(context: Context): boolean {
  context.stdout('WARNING! This will remove all non running containers.\nAre you sure you want to continue? [y/N] ');
  const answer = Buffer.alloc(16);
  const length = readSync(0, answer);
  return /^y/i.test(answer.toString('latin1', 0, length));
}
