import { defineCommand } from '../cli/command.ts';
import { stopPod } from '../runtime/pod/stop.ts';
import { warner } from './for-each-container.ts';
import { forEachPod, podFlags, selectPods } from './pod-select.ts';
import { stopSeconds, timeFlag } from './stop.ts';

export default defineCommand({
  usage: 'stop [options] POD [POD...]',
  describe: 'Stop one or more pods',
  long: `The pod name or ID can be used.

  This command will stop all running containers in each of the specified pods.`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Stop all running pods' },
    ignore: { type: 'boolean', alias: 'i', describe: 'Ignore errors when a specified pod is missing' },
    ...podFlags,
    time: { ...timeFlag, describe: 'Seconds to wait for pod stop before killing the container' },
  },
  operands: {},
  examples: ['pod stop mywebserverpod', 'pod stop --time 0 490eb 3557fb'],

  handler(args, context) {
    const options = { timeout: stopSeconds(args.time), warn: warner(context) };
    return forEachPod(
      selectPods(args, context),
      context,
      ({ id }) => stopPod(context.engine, id, options),
      ({ name }) => name,
    );
  },
});
