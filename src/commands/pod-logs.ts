import { defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import type { Container } from '../runtime/container.ts';
import { findPod, latestPod } from '../runtime/pod/pods.ts';
import { logFlags, printLogs } from './logs.ts';
import { podFlags } from './pod-select.ts';

export default defineCommand({
  usage: 'logs [options] POD',
  describe: 'Fetch logs for pod with one or more containers',
  long: 'Displays logs for pod with one or more containers.',
  flags: {
    ...logFlags,
    container: {
      type: 'string',
      alias: 'c',
      describe: 'Filter logs by container name or id which belongs to pod',
      complete: 'containers',
    },
    latest: podFlags.latest,
  },
  operands: {},
  examples: ['pod logs podID', 'pod logs -c ctrname podName', 'pod logs --follow=true --since 10m podID'],

  async handler(args, context) {
    const { latest, operands } = args;
    const refuse = (words: string) => {
      throw new TspodError('BAD_ARGUMENT', words);
    };
    if (operands.length > 1) refuse('requires exactly 1 arg');
    if (latest && operands.length > 0) refuse('--latest and pods cannot be used together');
    if (!latest && operands.length < 1) refuse('specify at least one pod name or ID to log');
    const { state } = context.engine;
    const pod = latest ? latestPod(state) : findPod(state, operands[0] ?? '');
    await printLogs(chosen(state.listOfPod(pod.id), args.container, operands[0] ?? pod.name), args, context);
  },
});

function chosen(members: Container[], wanted: string | undefined, pod: string): Container[] {
  if (!wanted) return members;
  const found = members.filter(({ config }) => config.id === wanted || config.name === wanted);
  if (found.length > 0) return found;
  throw new TspodError('NO_SUCH_CONTAINER', `container ${wanted} is not in pod ${pod}: no such container`);
}
