import { defineCommand } from '../cli/command.ts';
import { alignColumns } from '../cli/tabwriter.ts';
import { messageOf, TspodError } from '../errors.ts';
import type { Pod } from '../runtime/pod/pod.ts';
import { findPod, latestPod } from '../runtime/pod/pods.ts';
import { topPod } from '../runtime/pod/top.ts';
import { descriptorNames } from '../runtime/top-descriptors.ts';
import { podFlags } from './pod-select.ts';

export default defineCommand({
  usage: 'top [options] POD [FORMAT-DESCRIPTORS|ARGS...]',
  describe: 'Display the running processes of containers in a pod',
  long: `Similar to system "top" command.

  Specifying "top" without arguments will display the default set of descriptors.

  Format Descriptors:
    ${descriptorNames().join(',')}`,
  flags: { latest: podFlags.latest },
  operands: {},
  passthrough: true,
  examples: ['pod top podID', 'pod top podID pid seccomp args %C', 'pod top podID -eo user,pid,comm'],

  async handler({ latest, operands }, { engine, stdout }) {
    const [name, ...rest] = operands;
    if (name === undefined && !latest) {
      throw new TspodError('BAD_ARGUMENT', 'you must provide the name or id of a running pod');
    }
    const pod = look(() => (latest ? latestPod(engine.state) : findPod(engine.state, name ?? '')));
    const lines = await topPod(engine, pod, latest ? operands : rest);
    stdout(alignColumns(`${lines.join('\n')}\n`));
  },
});

function look(find: () => Pod): Pod {
  try {
    return find();
  } catch (cause) {
    if (!(cause instanceof TspodError)) throw cause;
    throw new TspodError(cause.code, `unable to look up requested container: ${messageOf(cause)}`, { cause });
  }
}
