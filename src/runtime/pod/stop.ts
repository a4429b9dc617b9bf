import type { RuntimeContext } from '../context.ts';
import { type StopOptions, stopContainer } from '../stop.ts';
import { podCgroupDown } from './cgroup.ts';
import { eachMember, type MemberErrors } from './each-member.ts';
import { podEvent } from './event.ts';
import { withPod } from './lock.ts';
import { podMembers, workers } from './members.ts';
import { isInfra, type Pod } from './pod.ts';

/** Stops all containers, the one that holds the namespaces last. Returns what went wrong. */
export function stopPod(rt: RuntimeContext, id: string, options: StopOptions = {}): Promise<MemberErrors> {
  return withPod(rt, id, (pod) => stopMembers(rt, pod, options));
}

/** The same for a caller that has the pod's lock. */
export async function stopMembers(rt: RuntimeContext, pod: Pod, options: StopOptions): Promise<MemberErrors> {
  podEvent(rt, pod, 'stop');
  const members = await podMembers(rt, pod);
  const stop = (id: string) => stopContainer(rt, id, { ...options, force: true });
  const errors = [
    ...(await eachMember('stopping', workers(members), stop)),
    ...(await eachMember(
      'stopping',
      members.filter(({ config }) => isInfra(config)),
      stop,
    )),
  ];
  if (errors.length === 0) await podCgroupDown(rt, pod);
  return errors;
}
