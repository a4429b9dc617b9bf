import { defineCommand } from '../cli/command.ts';
import { requireUnshare } from '../config/rootless.ts';
import { forEachOperand } from './each.ts';

export default defineCommand({
  usage: 'mount NAME [NAME...]',
  describe: 'Mount volume',
  long: 'Mount a volume and return the mountpoint',
  flags: {},
  operands: { min: 1, complete: 'volumes' },
  examples: ['volume mount myvol'],

  handler({ operands }, context) {
    requireUnshare('volume mount');
    return forEachOperand(operands, context, (name) => context.engine.store.mountVolume(name, 'command-line'));
  },
});
