import type { Context } from '../cli/command.ts';
import type { Container } from '../runtime/container.ts';
import { type CreateArgs, makeAlone } from './create-container.ts';

/** Makes the container, in a pod when one is named; nothing runs yet. `startNext`: the caller starts it at once. */
export async function makeContainer(args: CreateArgs, context: Context, startNext = false): Promise<Container> {
  if (!args.pod && !args.podIdFile) return makeAlone(args, context, startNext);
  const { makeInPod } = await import('./pod-member.ts');
  return makeInPod(args, context, (joined) => makeAlone(joined, context, startNext));
}
