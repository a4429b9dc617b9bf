import { defineCommand } from '../cli/command.ts';
import { errorText } from '../cli/exit-code.ts';
import { allPods } from '../runtime/pod/pods.ts';
import { prunePods } from '../runtime/pod/remove.ts';
import { confirmed } from './confirm.ts';

export default defineCommand({
  usage: 'prune [options]',
  describe: 'Remove all stopped pods and their containers',
  long: 'Removes all stopped pods and their containers',
  flags: {
    force: { type: 'boolean', alias: 'f', describe: 'Do not prompt for confirmation.  The default is false' },
  },
  examples: ['pod prune'],

  async handler({ force }, context) {
    const { engine, stdout, stderr } = context;
    const warning = 'This will remove all stopped/exited pods..';
    if (!force && !confirmed(warning, context)) return 0;
    let exitCode = 0;
    for (const { id, error } of await prunePods(engine, allPods(engine.state))) {
      if (error === undefined) stdout(`${id}\n`);
      else {
        stderr(errorText(error));
        exitCode = 125;
      }
    }
    return exitCode;
  },
});
