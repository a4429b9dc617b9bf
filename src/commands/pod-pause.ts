import { defineCommand } from '../cli/command.ts';
import { pausePod } from '../runtime/pod/signal.ts';
import { forEachPod, podFlags, selectPods } from './pod-select.ts';

export default defineCommand({
  usage: 'pause [options] POD [POD...]',
  describe: 'Pause one or more pods',
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Pause all running pods' },
    latest: podFlags.latest,
  },
  operands: {},
  examples: ['pod pause mywebserverpod', 'pod pause --latest'],
  handler: (args, context) => forEachPod(selectPods(args, context), context, ({ id }) => pausePod(context.engine, id)),
});
