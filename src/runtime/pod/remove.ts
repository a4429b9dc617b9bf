import { TspodError } from '../../errors.ts';
import { isActive } from '../container-state.ts';
import type { RuntimeContext } from '../context.ts';
import { type RemoveOptions, removeContainer } from '../remove.ts';
import { podCgroupDown } from './cgroup.ts';
import { podEvent } from './event.ts';
import { forgetPodLock, withPod } from './lock.ts';
import { podMembers, workers } from './members.ts';
import type { Pod } from './pod.ts';
import { forgetPod } from './pods.ts';

/**
 * Removes a pod and its containers, the one that holds the namespaces last and the record of the pod after it: killed
 * half way, the next `pod rm` finds what is left. Returns the ids of the containers. CONTAINER_STATE when one of them
 * runs and `force` is not set; the infra container alone may run.
 */
export function removePod(rt: RuntimeContext, id: string, options: RemoveOptions = {}): Promise<string[]> {
  return withPod(rt, id, async (pod) => {
    const removed = await removeMembers(rt, pod, options);
    await podCgroupDown(rt, pod);
    forgetPod(rt.state, pod.id);
    forgetPodLock(rt, pod.id);
    podEvent(rt, pod, 'remove');
    return removed;
  });
}

async function removeMembers(rt: RuntimeContext, pod: Pod, options: RemoveOptions): Promise<string[]> {
  const members = await podMembers(rt, pod);
  if (!options.force) refuseActive(pod, members);
  const removed: string[] = [];
  for (const { config } of workers(members)) {
    removed.push(...(await removeContainer(rt, config.id, { ...options, volumes: true, depend: true })));
  }
  if (pod.infraId) {
    removed.push(
      ...(await removeContainer(rt, pod.infraId, { ...options, volumes: true, force: true, withPod: true })),
    );
  }
  return removed;
}

/** None is removed when one of them must stay. */
function refuseActive(pod: Pod, members: Awaited<ReturnType<typeof podMembers>>): void {
  const reasons = workers(members)
    .filter(({ state }) => isActive(state.status))
    .map(({ config, state }) => {
      const words = `cannot remove container ${config.id} as it is ${state.status}`;
      const why = 'running or paused containers cannot be removed without force: container state improper';
      return `error removing container ${config.id} from pod ${pod.id}: ${words} - ${why}`;
    });
  if (reasons.length === 0) return;
  const words = `not all containers could be removed from pod ${pod.id}: removing pod containers`;
  throw new PodBusy(words, reasons);
}

/** One line for the pod, then one for each container that keeps it from going. */
export class PodBusy extends TspodError {
  readonly reasons: string[];

  constructor(message: string, reasons: string[]) {
    super('CONTAINER_STATE', message);
    this.reasons = reasons;
  }
}

/** Removes the pods of which no container runs. */
export async function prunePods(rt: RuntimeContext, pods: readonly Pod[]): Promise<{ id: string; error?: unknown }[]> {
  const reports: { id: string; error?: unknown }[] = [];
  for (const pod of pods) {
    const members = await podMembers(rt, pod);
    if (members.some(({ state }) => isActive(state.status))) continue;
    try {
      await removePod(rt, pod.id);
      reports.push({ id: pod.id });
    } catch (error) {
      reports.push({ id: pod.id, error });
    }
  }
  return reports;
}
