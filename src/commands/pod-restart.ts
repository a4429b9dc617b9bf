import { defineCommand } from '../cli/command.ts';
import { restartPod } from '../runtime/pod/restart.ts';
import { forEachPod, podFlags, selectPods } from './pod-select.ts';

export default defineCommand({
  usage: 'restart [options] POD [POD...]',
  describe: 'Restart one or more pods',
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Restart all running pods' },
    latest: podFlags.latest,
  },
  operands: {},
  examples: ['pod restart mywebserverpod', 'pod restart --latest'],
  handler: (args, context) =>
    forEachPod(selectPods(args, context), context, ({ id }) => restartPod(context.engine, id)),
});
