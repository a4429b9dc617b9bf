import { rmSync } from 'node:fs';
import { defineCommand } from '../cli/command.ts';
import { errorText } from '../cli/exit-code.ts';
import { hasCode, TspodError } from '../errors.ts';
import { PodBusy, removePod } from '../runtime/pod/remove.ts';
import { forEachOperand } from './each.ts';
import { warner } from './for-each-container.ts';
import { podFlags, selectPods } from './pod-select.ts';
import { stopSeconds, timeFlag } from './stop.ts';

export default defineCommand({
  usage: 'rm [options] POD [POD...]',
  describe: 'Remove one or more pods',
  long: `podman rm will remove one or more stopped pods and their containers from the host.

  The pod name or ID can be used.  A pod with containers will not be removed without --force. If --force is specified, all containers will be stopped, then removed.`,
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Remove all running pods' },
    force: {
      type: 'boolean',
      alias: 'f',
      describe:
        'Force removal of a running pod by first stopping all containers, then removing all containers in the pod.  The default is false',
    },
    ignore: { type: 'boolean', alias: 'i', describe: 'Ignore errors when a specified pod is missing' },
    ...podFlags,
    time: { ...timeFlag, describe: 'Seconds to wait for pod stop before killing the container' },
  },
  operands: {},
  exitCodes: { NO_SUCH_POD: 1 },
  examples: ['pod rm mywebserverpod', 'pod rm -f 860a4b23', 'pod rm -f -a'],

  async handler(args, context) {
    const { force, time, podIdFile } = args;
    if (time !== undefined && !force) {
      throw new TspodError('BAD_ARGUMENT', '--force option must be specified to use the --time option');
    }
    const pods = selectPods({ ...args, ignore: args.ignore || force }, context);
    const options = { force, timeout: stopSeconds(time), warn: warner(context) };
    const remove = async (id: string): Promise<string> => {
      try {
        await removePod(context.engine, id, options);
        return id;
      } catch (error) {
        // With --all another call may have been faster.
        if (hasCode(error, 'NO_SUCH_POD')) return '';
        if (!(error instanceof PodBusy)) throw error;
        context.stderr(errorText(error));
        for (const reason of error.reasons.slice(0, -1)) context.stderr(`Error: ${reason}\n`);
        throw new TspodError('CONTAINER_STATE', error.reasons.at(-1) ?? '', { cause: error });
      }
    };
    const code = await forEachOperand(
      pods.map(({ id }) => id),
      context,
      remove,
    );
    if (code === 0) for (const path of podIdFile) rmSync(path, { force: true });
    return code;
  },
});
