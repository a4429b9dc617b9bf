import { defineCommand } from '../cli/command.ts';
import { podMembers, podStatus } from '../runtime/pod/members.ts';
import { unpausePod } from '../runtime/pod/signal.ts';
import { forEachPod, podFlags, selectPods } from './pod-select.ts';

export default defineCommand({
  usage: 'unpause [options] POD [POD...]',
  describe: 'Unpause one or more pods',
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Unpause all running pods' },
    latest: podFlags.latest,
  },
  operands: {},
  examples: ['pod unpause mywebserverpod', 'pod unpause --latest'],

  async handler(args, context) {
    const pods = selectPods(args, context);
    const statuses = await Promise.all(pods.map(async (pod) => podStatus(await podMembers(context.engine, pod))));
    // Pods with nothing to thaw are passed over in silence, as Podman does.
    const paused = pods.filter((_, index) => statuses[index] === 'Paused' || statuses[index] === 'Degraded');
    return forEachPod(paused, context, ({ id }) => unpausePod(context.engine, id));
  },
});
