import { defineCommand } from '../cli/command.ts';
import { hasCode, TspodError } from '../errors.ts';
import { Secrets } from '../storage/secrets.ts';
import { forEachOperand } from './each.ts';

export default defineCommand({
  usage: 'rm [options] SECRET [SECRET...]',
  describe: 'Remove one or more secrets',
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Remove all secrets' },
    ignore: { type: 'boolean', alias: 'i', describe: 'Ignore errors when a specified secret is missing' },
  },
  operands: {},
  examples: ['secret rm mysecret1 mysecret2'],

  handler({ operands, all, ignore }, context) {
    if (all === operands.length > 0) {
      throw new TspodError('BAD_ARGUMENT', '`podman secret rm` requires one argument, or the --all flag');
    }
    const secrets = new Secrets(context.engine.paths.graphRoot);
    return forEachOperand(all ? secrets.list().map(({ id }) => id) : operands, context, (name) => {
      try {
        return secrets.remove(name);
      } catch (error) {
        if (ignore && hasCode(error, 'NO_SUCH_SECRET')) return '';
        throw error;
      }
    });
  },
});
