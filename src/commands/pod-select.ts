/** How pod commands choose pods, and what they print for each. */
import { readFileSync } from 'node:fs';
import { type Context, defineFlags } from '../cli/command.ts';
import { errorText, exitCodeOf } from '../cli/exit-code.ts';
import { hasCode, messageOf, TspodError } from '../errors.ts';
import type { MemberErrors } from '../runtime/pod/each-member.ts';
import type { Pod } from '../runtime/pod/pod.ts';
import { allPods, findPod, latestPod } from '../runtime/pod/pods.ts';
import { checkSelection } from './select-flags.ts';

export const podFlags = defineFlags({
  latest: {
    type: 'boolean',
    alias: 'l',
    describe: 'Act on the latest pod podman is aware of\nNot supported with the "--remote" flag',
  },
  'pod-id-file': {
    type: 'list',
    valueName: 'stringArray',
    describe: 'Read the pod ID from the file',
    complete: 'files',
  },
});

export interface PodSelection {
  operands: readonly string[];
  all?: boolean;
  latest?: boolean;
  podIdFile?: readonly string[];
  /** Pods that do not exist are skipped. */
  ignore?: boolean;
}

/** All of them or an error: nothing is done when one operand names nothing. NO_SUCH_POD, BAD_ARGUMENT. */
export function selectPods(selection: PodSelection & { given: Set<string> }, { engine }: Context): Pod[] {
  const { all = false, latest = false, podIdFile = [], ignore } = selection;
  const operands = [...selection.operands];
  checkSelection({ all, latest, operands, given: selection.given, cidfile: [...podIdFile] }, 'pod-id-file');
  if (all) return allPods(engine.state);
  if (latest) return [latestPod(engine.state)];
  const named = [...operands, ...podIdFile.map(readPodId)];
  return named.flatMap((name) => {
    try {
      return [findPod(engine.state, name)];
    } catch (error) {
      if (!ignore || !hasCode(error, 'NO_SUCH_POD')) throw error;
      return [];
    }
  });
}

/** The id in a file of --pod-id-file. */
export function readPodId(path: string): string {
  try {
    return readFileSync(path, 'utf8').split('\n', 1)[0] ?? '';
  } catch (cause) {
    throw new TspodError('BAD_ARGUMENT', `reading pod ID file: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Does `fn` for one pod after the other: prints a line for each that worked, and `Error:` lines for what did not.
 *
 * @returns 0, or the exit code of the last failure
 */
export async function forEachPod(
  pods: readonly Pod[],
  context: Context,
  fn: (pod: Pod) => Promise<MemberErrors>,
  line: (pod: Pod) => string = ({ id }) => id,
): Promise<number> {
  let exitCode = 0;
  for (const pod of pods) {
    const errors = await fn(pod).catch((error: unknown) => [error]);
    if (errors.length === 0) context.stdout(`${line(pod)}\n`);
    for (const error of errors) {
      context.stderr(errorText(error));
      exitCode = exitCodeOf(error, {});
    }
  }
  return exitCode;
}
