import { defineCommand } from '../cli/command.ts';
import { killPod } from '../runtime/pod/signal.ts';
import { parseSignal } from '../runtime/signals.ts';
import { forEachPod, podFlags, selectPods } from './pod-select.ts';

export default defineCommand({
  usage: 'kill [options] POD [POD...]',
  describe: 'Send the specified signal or SIGKILL to containers in pod',
  long: `Signals are sent to the main process of each container inside the specified pod.

  The default signal is SIGKILL, or any signal specified with option --signal.`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Kill all containers in all pods' },
    latest: podFlags.latest,
    signal: { type: 'string', alias: 's', default: 'KILL', describe: 'Signal to send to the containers in the pod' },
  },
  operands: {},
  examples: ['pod kill podID', 'pod kill --signal TERM mywebserver', 'pod kill --latest'],

  handler(args, context) {
    const signal = parseSignal(args.signal);
    return forEachPod(selectPods(args, context), context, ({ id }) => killPod(context.engine, id, signal));
  },
});
