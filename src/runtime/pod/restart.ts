import type { RuntimeContext } from '../context.ts';
import type { MemberErrors } from './each-member.ts';
import { withPod } from './lock.ts';
import { startMembers } from './start.ts';
import { stopMembers } from './stop.ts';

/** Stops what runs and starts everything. Returns what went wrong. */
export function restartPod(rt: RuntimeContext, id: string): Promise<MemberErrors> {
  return withPod(rt, id, async (pod) => {
    const errors = await stopMembers(rt, pod, {});
    return errors.length > 0 ? errors : startMembers(rt, pod);
  });
}
