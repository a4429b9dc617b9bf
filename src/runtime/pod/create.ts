import type { ContainerConfig } from '../container.ts';
import { initialState } from '../container-state.ts';
import type { RuntimeContext } from '../context.ts';
import { createLayer } from '../create.ts';
import { createVolumesOf } from '../volumes.ts';
import { podEvent } from './event.ts';
import type { Pod } from './pod.ts';
import { addPod, forgetPod } from './pods.ts';

/**
 * Records a pod and its infra container in one transaction: there is never one without the other. Nothing runs yet.
 * NAME_IN_USE when one of the two names is taken.
 */
export async function createPod(rt: RuntimeContext, pod: Pod, infra: ContainerConfig | null): Promise<Pod> {
  rt.state.transaction(() => {
    addPod(rt.state, pod);
    if (infra) rt.state.add({ config: infra, state: initialState() });
  });
  if (infra) await makeStorage(rt, pod, infra);
  podEvent(rt, pod, 'create');
  return pod;
}

async function makeStorage(rt: RuntimeContext, pod: Pod, infra: ContainerConfig): Promise<void> {
  try {
    createVolumesOf(rt, infra);
    if (!infra.rootfs) await createLayer(rt, infra);
  } catch (error) {
    rt.state.transaction(() => forgetPod(rt.state, pod.id));
    rt.state.remove(infra.id, 0);
    throw error;
  }
}
