/** The list of pods as data: what `pod ps` prints. */
import type { Container } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { podFilter } from './filters.ts';
import { type PodStatus, podMembers, podStatus } from './members.ts';
import type { Pod } from './pod.ts';
import { allPods, latestPod } from './pods.ts';
import { podOrder } from './sort.ts';

/** One pod; names as in Podman's JSON. */
export interface PodEntry {
  Cgroup: string;
  Containers: PodEntryContainer[];
  /** RFC 3339 with nanoseconds. */
  Created: string;
  Id: string;
  InfraId: string;
  Name: string;
  Namespace: string;
  Networks: string[];
  Status: PodStatus;
  Labels: Record<string, string>;
}

export interface PodEntryContainer {
  Id: string;
  Names: string;
  Status: string;
  RestartCount: number;
}

export interface PodListOptions {
  /** `KEY=VALUE` each. */
  filters?: readonly string[];
  latest?: boolean;
  sort?: string;
}

/** A pod with what it consists of right now. */
export interface PodView {
  pod: Pod;
  members: Container[];
  status: PodStatus;
}

/** Newest first, or as `sort` says. BAD_ARGUMENT for a filter or an order that is none, NO_SUCH_POD for `latest`. */
export async function listPods(rt: RuntimeContext, options: PodListOptions = {}): Promise<PodEntry[]> {
  const order = podOrder(options.sort ?? 'created');
  const fits = podFilter(rt, options.filters ?? []);
  const pods = options.latest ? [latestPod(rt.state)] : allPods(rt.state);
  const views = await Promise.all(pods.map((pod) => viewOf(rt, pod)));
  return views
    .filter((view) => options.latest || fits(view))
    .map((view) => entryOf(view))
    .sort(order);
}

async function viewOf(rt: RuntimeContext, pod: Pod): Promise<PodView> {
  const members = await podMembers(rt, pod);
  return { pod, members, status: podStatus(members) };
}

function entryOf({ pod, members, status }: PodView): PodEntry {
  const infra = members.find(({ config }) => config.id === pod.infraId);
  return {
    Cgroup: pod.cgroupParent,
    Containers: members.map(({ config, state }) => ({
      Id: config.id,
      Names: config.name,
      Status: state.status,
      RestartCount: state.restartCount,
    })),
    Created: pod.created,
    Id: pod.id,
    InfraId: pod.infraId,
    Name: pod.name,
    Namespace: '',
    Networks: infra ? Object.keys(infra.config.networks) : [],
    Status: status,
    Labels: pod.labels,
  };
}
