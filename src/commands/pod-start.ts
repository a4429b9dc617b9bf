import { defineCommand } from '../cli/command.ts';
import { startPod } from '../runtime/pod/start.ts';
import { forEachPod, podFlags, selectPods } from './pod-select.ts';

export default defineCommand({
  usage: 'start [options] POD [POD...]',
  describe: 'Start one or more pods',
  long: `The pod name or ID can be used.

  All containers defined in the pod will be started.`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Restart all running pods' },
    ...podFlags,
  },
  operands: {},
  examples: ['pod start podID', 'pod start --latest', 'pod start --all'],
  handler: (args, context) =>
    forEachPod(
      selectPods(args, context),
      context,
      ({ id }) => startPod(context.engine, id),
      ({ name }) => name,
    ),
});
