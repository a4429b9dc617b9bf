/** There are no pods yet: what clean-up scripts say works, and every name is unknown. */
import { defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { forEachOperand } from './each.ts';

export default defineCommand({
  usage: 'rm [options] POD [POD...]',
  describe: 'Remove one or more pods',
  hidden: true,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Remove all running pods' },
    force: { type: 'boolean', alias: 'f', describe: 'Force removal of a running pod by first stopping all containers' },
    ignore: { type: 'boolean', alias: 'i', describe: 'Ignore errors when a specified pod is missing' },
    latest: { type: 'boolean', alias: 'l', describe: 'Act on the latest pod podman is aware of' },
    'pod-id-file': { type: 'list', describe: 'Read the pod ID from the file', complete: 'files' },
    time: { type: 'number', alias: 't', describe: 'Seconds to wait for pod stop before killing the container' },
  },
  operands: {},
  handler(args, context) {
    const { force, ignore, operands } = args;
    checkPodOperands(args);
    return forEachOperand(operands, context, (name) => {
      if (!ignore && !force) throw noSuchPod(name);
    });
  },
});

/** @throws BAD_ARGUMENT when nothing is named, or the latest pod is meant: there is none */
export function checkPodOperands(args: { all: boolean; latest: boolean; operands: string[] }): void {
  const { all, latest, operands } = args;
  if (!all && !latest && operands.length === 0) {
    throw new TspodError('BAD_ARGUMENT', 'you must provide at least one name or id');
  }
  if (latest) throw new TspodError('BAD_ARGUMENT', 'no pods have been created');
}

/** In Podman's words. */
export function noSuchPod(name: string): TspodError {
  return new TspodError('BAD_ARGUMENT', `no pod with name or ID ${name} found: no such pod`, { exitCode: 1 });
}
