/** The container that holds the namespaces of a pod. */

import type { ContainerConfig } from '../container.ts';
import { isActive } from '../container-state.ts';
import type { RuntimeContext } from '../context.ts';
import { infraProgram } from '../spec/destinations.ts';
import type { Pod } from './pod.ts';

/** An empty folder in the volatile folder: all infra containers without an image share it. */
export function infraRootfs(rt: RuntimeContext): string {
  return `${rt.paths.tmpDir}/infra`;
}

/** What a container's configuration becomes as the infra container of a pod. `init`: '' for one with an image. */
export function asInfra(config: ContainerConfig, pod: Pod, { name, init }: InfraChoice): ContainerConfig {
  const { infraId: id } = pod;
  return {
    ...config,
    id,
    name: name || `${pod.id.slice(0, 12)}-infra`,
    pod: pod.id,
    infra: { init },
    ...(init && { entrypoint: [infraProgram, '-P'], command: [] }),
    labels: pod.labels,
    stopTimeout: 10,
    // The limits are those of the pod's cgroup.
    resources: {},
    cgroupParent: pod.cgroupPath || config.cgroupParent,
  };
}

export interface InfraChoice {
  /** '' for the default. */
  name: string;
  init: string;
}

/** Whether the pod is up. */
export function infraRuns(rt: RuntimeContext, { infraId }: Pod): boolean {
  const infra = rt.state.get(infraId);
  return infra !== null && isActive(infra.state.status);
}
