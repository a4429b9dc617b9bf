/** A container that is to be made in a pod: what the pod decides for it. */
import { TspodError } from '../../errors.ts';
import type { ContainerConfig } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { badArgument } from '../options/bad-argument.ts';
import type { CreateOptions } from '../options/create-options.ts';
import type { Pod, PodNamespace } from './pod.ts';

/**
 * The options of a container in the pod: namespaces, cgroup, volumes and restart policy come from the pod where the
 * user says nothing else. BAD_ARGUMENT for what only the pod can have.
 */
export function joinPod<O extends CreateOptions>(rt: RuntimeContext, pod: Pod, options: O): O {
  const infra = pod.infraId ? infraOf(rt, pod) : null;
  const joined: O = {
    ...options,
    pod: pod.id,
    ...(pod.cgroupPath && !options.cgroupParent && { cgroupParent: pod.cgroupPath }),
    ...(pod.restart && !options.given.has('restart') && { restart: pod.restart }),
  };
  if (!infra) return joined;
  check(options, pod);
  return {
    ...joined,
    ...(hasVolumes(infra) && { volumesFrom: [infra.id, ...options.volumesFrom] }),
    ...namespaces(options, pod, infra),
  };
}

/** The options that say which namespace is used, by the name of the namespace. */
const flags = { cgroup: 'cgroupns', ipc: 'ipc', pid: 'pid', uts: 'uts' } as const;

function namespaces(options: CreateOptions, pod: Pod, infra: ContainerConfig): Partial<CreateOptions> {
  const chosen: Partial<CreateOptions> = {};
  for (const [type, flag] of Object.entries(flags) as [keyof typeof flags, (typeof flags)[keyof typeof flags]][]) {
    if (joins(options, pod, type)) chosen[flag] = target(infra, flag);
  }
  if (joins(options, pod, 'net')) chosen.network = [target(infra, 'network')];
  // Members are who `keep-id` of the pod says, unless they say more.
  if (infra.userns.mode !== 'host' && !options.userns) {
    chosen.userns = `container:${infra.id}`;
    if (!options.user && infra.user) chosen.user = infra.user;
  }
  return chosen;
}

function joins(options: CreateOptions, pod: Pod, type: PodNamespace): boolean {
  const given = type === 'net' ? options.network[0] : options[flags[type]];
  return given === 'pod' || (!given && pod.shares.includes(type));
}

function target(infra: ContainerConfig, key: 'cgroupns' | 'ipc' | 'pid' | 'uts' | 'network'): string {
  return infra[key].mode === 'host' ? 'host' : `container:${infra.id}`;
}

function check(options: CreateOptions, pod: Pod): void {
  const { given } = options;
  if (given.has('uidmap') || given.has('gidmap') || isOwnUserns(options.userns)) {
    badArgument('cannot set user namespace mode when joining pod with infra container: invalid argument');
  }
  if (options.hostname && joins(options, pod, 'uts')) {
    const words = 'cannot set hostname when joining the pod UTS namespace';
    badArgument(`invalid config provided: ${words}: invalid configuration`);
  }
  if (!joins(options, pod, 'net')) return;
  const refuse = (words: string) =>
    badArgument(`invalid config provided: ${words}: network cannot be configured when it is shared with a pod`);
  if (options.publish.length > 0 || options.publishAll) {
    refuse('published or exposed ports must be defined when the pod is created');
  }
  if (options.ip || options.ip6 || options.macAddress || options.networkAlias.length > 0) {
    refuse('networks must be defined when the pod is created');
  }
  if (options.addHost.length > 0) refuse('extra host entries must be specified on the pod');
}

function isOwnUserns(userns: string | undefined): boolean {
  return userns !== undefined && userns !== '' && !/^(host|pod|container:.*)$/.test(userns);
}

function hasVolumes({ mounts, volumes }: ContainerConfig): boolean {
  return volumes.length > 0 || mounts.some(({ type }) => type === 'bind');
}

function infraOf(rt: RuntimeContext, pod: Pod): ContainerConfig {
  const infra = rt.state.get(pod.infraId);
  if (infra) return infra.config;
  const words = `the infra container of pod ${pod.name} is gone: remove the pod with \`pod rm\``;
  throw new TspodError('NO_SUCH_CONTAINER', words);
}
