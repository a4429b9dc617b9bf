/** What tspod knows about a pod: decided when it is made and never changed. Its state is that of its containers. */
import type { ContainerConfig, ResourceLimits } from '../container.ts';

export type PodNamespace = 'cgroup' | 'ipc' | 'net' | 'pid' | 'uts';

/** What becomes of a pod whose last container besides the infra container has ended. */
export type ExitPolicy = 'continue' | 'stop';

export interface Pod {
  /** 64 hex characters. */
  id: string;
  name: string;
  /** RFC 3339 with nanoseconds, in UTC. */
  created: string;
  /** The command line that made it. */
  createCommand: string[];
  labels: Record<string, string>;
  /** As given, '' otherwise. */
  hostname: string;
  exitPolicy: ExitPolicy;
  /** --restart as given, '' otherwise: containers that name no policy of their own get it. */
  restart: string;
  /** Id of the container that holds the namespaces, '' without one. */
  infraId: string;
  /** The namespaces of the infra container that others join, sorted. */
  shares: PodNamespace[];
  /** The cgroup of the pod is the parent of those of its containers. */
  shareParent: boolean;
  cgroupParent: string;
  /** '' when the pod has no cgroup of its own. */
  cgroupPath: string;
  /** Limits of the pod's cgroup, which count for all its containers together. */
  resources: ResourceLimits;
  securityOpts: string[];
}

/** True for the container that holds the namespaces of its pod. */
export function isInfra({ infra }: ContainerConfig): boolean {
  return infra !== undefined;
}
