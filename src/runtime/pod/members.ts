/** The containers of a pod and what they make of it together. */
import type { Container, ContainerStatus } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { current } from '../sync.ts';
import { isInfra, type Pod } from './pod.ts';

export type PodStatus = 'Created' | 'Running' | 'Degraded' | 'Paused' | 'Exited' | 'Stopped' | 'Error';

/** As they are, oldest first: the infra container, if there is one, is the first. */
export async function podMembers(rt: RuntimeContext, pod: Pick<Pod, 'id'>): Promise<Container[]> {
  const members = await Promise.all(rt.state.listOfPod(pod.id).map((container) => current(rt, container)));
  return members.filter((container) => container !== null);
}

/** All but the infra container. */
export function workers(members: readonly Container[]): Container[] {
  return members.filter(({ config }) => !isInfra(config));
}

/** Init containers do not count: they have ended when the pod runs. */
export function podStatus(members: readonly Container[]): PodStatus {
  const counted = members.filter(({ config }) => config.initContainer === undefined);
  const count = (...statuses: ContainerStatus[]) =>
    counted.filter(({ state }) => statuses.includes(state.status)).length;
  if (counted.length === 0) return 'Created';
  const running = count('running');
  if (running === counted.length) return 'Running';
  if (running > 0) return 'Degraded';
  if (count('paused') === counted.length) return 'Paused';
  const ended = count('exited');
  if (ended === counted.length) return 'Exited';
  if (ended > 0) return 'Stopped';
  return count('paused', 'stopping') > 0 ? 'Error' : 'Created';
}
