/** The same verb on several containers of a pod: a failure of one does not keep the others from it. */
import { hasCode, messageOf, TspodError } from '../../errors.ts';
import type { Container } from '../container.ts';

export type MemberErrors = TspodError[];

/**
 * Does `fn` for all at once. Returns the failures, `VERB container ID: ...` each; that a container is not in the right
 * state, or gone, is none.
 */
export async function eachMember(
  verb: string,
  members: readonly Container[],
  fn: (id: string) => Promise<unknown>,
): Promise<MemberErrors> {
  const results = await Promise.allSettled(members.map(({ config }) => fn(config.id)));
  return results.flatMap((result, index) => {
    if (result.status === 'fulfilled' || hasCode(result.reason, 'CONTAINER_STATE', 'NO_SUCH_CONTAINER')) return [];
    return [failure(verb, members[index]?.config.id ?? '', result.reason)];
  });
}

export function failure(verb: string, id: string, cause: unknown): TspodError {
  if (!(cause instanceof TspodError)) throw cause;
  const exitCode = 125;
  return new TspodError(cause.code, `${verb} container ${id}: ${messageOf(cause)}`, { cause, exitCode });
}
