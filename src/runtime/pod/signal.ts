/** Signals, freezing and thawing: all containers of the pod at once. */
import type { RuntimeContext } from '../context.ts';
import { killContainer } from '../kill.ts';
import { pauseContainer, unpauseContainer } from '../pause.ts';
import { eachMember, type MemberErrors } from './each-member.ts';
import { withPod } from './lock.ts';
import { podMembers } from './members.ts';

/** Returns what went wrong; that a container does not run is nothing wrong. */
export function killPod(rt: RuntimeContext, id: string, signal: number): Promise<MemberErrors> {
  return all(rt, id, 'killing', (member) => killContainer(rt, member, signal));
}

export function pausePod(rt: RuntimeContext, id: string): Promise<MemberErrors> {
  return all(rt, id, 'pausing', (member) => pauseContainer(rt, member));
}

export function unpausePod(rt: RuntimeContext, id: string): Promise<MemberErrors> {
  return all(rt, id, 'unpausing', (member) => unpauseContainer(rt, member));
}

function all(rt: RuntimeContext, id: string, verb: string, fn: (id: string) => Promise<void>): Promise<MemberErrors> {
  return withPod(rt, id, async (pod) => eachMember(verb, await podMembers(rt, pod), fn));
}
