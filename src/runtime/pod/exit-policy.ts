import { isLive } from '../container-state.ts';
import type { RuntimeContext } from '../context.ts';
import { stopContainer } from '../stop.ts';
import { podCgroupDown } from './cgroup.ts';
import { podMembers, workers } from './members.ts';
import { getPod } from './pods.ts';

/**
 * A container of the pod has ended: with the exit policy `stop` the infra container is stopped when no other one runs
 * or is still to run. Takes no lock of the pod, since `pod stop` may be at work.
 */
export async function afterExit(rt: RuntimeContext, podId: string): Promise<void> {
  const pod = getPod(rt.state, podId);
  if (pod?.exitPolicy !== 'stop') return;
  const members = await podMembers(rt, pod);
  const waits = workers(members).some(({ state }) => isLive(state.status) || state.status === 'created');
  if (waits) return;
  if (rt.state.get(pod.infraId)) await stopContainer(rt, pod.infraId);
  await podCgroupDown(rt, pod);
}
