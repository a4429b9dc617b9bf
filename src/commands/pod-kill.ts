/** There are no pods yet: a wrong signal is told first, and every name is unknown. */
import { defineCommand } from '../cli/command.ts';
import { parseSignal } from '../runtime/signals.ts';
import { forEachOperand } from './each.ts';
import { checkPodOperands, noSuchPod } from './pod-rm.ts';

export default defineCommand({
  usage: 'kill [options] POD [POD...]',
  describe: 'Send the specified signal or SIGKILL to containers in pod',
  hidden: true,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Kill all containers in all pods' },
    latest: { type: 'boolean', alias: 'l', describe: 'Act on the latest pod podman is aware of' },
    signal: { type: 'string', alias: 's', default: 'KILL', describe: 'Signal to send to the containers in the pod' },
  },
  operands: {},
  handler(args, context) {
    checkPodOperands(args);
    parseSignal(args.signal);
    return forEachOperand(args.operands, context, (name) => {
      throw noSuchPod(name);
    });
  },
});
