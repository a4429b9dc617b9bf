/** Signals, freezing and thawing: all containers of the pod at once. */
import type { RuntimeContext } from '../context.ts';
import { killContainer } from '../kill.ts';
import { pauseContainer, unpauseContainer } from '../pause.ts';
import { eachMember, type MemberErrors } from './each-member.ts';
import { podEvent } from './event.ts';
import { withPod } from './lock.ts';
import { podMembers } from './members.ts';

/** Returns what went wrong; that a container does not run is nothing wrong. */
export function killPod(rt: RuntimeContext, id: string, signal: number): Promise<MemberErrors> {
  return all(rt, id, 'kill', (member) => killContainer(rt, member, signal));
}

export function pausePod(rt: RuntimeContext, id: string): Promise<MemberErrors> {
  return all(rt, id, 'pause', (member) => pauseContainer(rt, member));
}

export function unpausePod(rt: RuntimeContext, id: string): Promise<MemberErrors> {
  return all(rt, id, 'unpause', (member) => unpauseContainer(rt, member));
}

type Verb = keyof typeof participles;

const participles = { kill: 'killing', pause: 'pausing', unpause: 'unpausing' } as const;

function all(rt: RuntimeContext, id: string, verb: Verb, fn: (id: string) => Promise<void>): Promise<MemberErrors> {
  return withPod(rt, id, async (pod) => {
    podEvent(rt, pod, verb);
    return eachMember(participles[verb], await podMembers(rt, pod), fn);
  });
}
