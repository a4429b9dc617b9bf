/** From options to the record of a new pod. */

import { timestamp } from '../../system/clock.ts';
import { randomBytes } from '../../system/random.ts';
import { cgroupManager } from '../cgroup-manager.ts';
import type { ContainerConfig, ResourceLimits } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { badArgument } from '../options/bad-argument.ts';
import { checkName, generateName } from '../options/container-name.ts';
import { podCgroupPath } from './cgroup.ts';
import type { ExitPolicy, Pod, PodNamespace } from './pod.ts';

export interface PodChoice {
  /** '' for a generated one. */
  name: string;
  createCommand: string[];
  labels: Record<string, string>;
  hostname: string;
  exitPolicy: string;
  restart: string;
  infra: boolean;
  shares: PodNamespace[];
  shareParent: boolean;
  cgroupParent: string;
}

/** Its limits and security options come later, from the configuration of its infra container. @throws BAD_ARGUMENT */
export function buildPod(rt: RuntimeContext, choice: PodChoice): Pod {
  const { name, infra, cgroupParent, exitPolicy, ...rest } = choice;
  const pod = {
    ...rest,
    id: randomBytes(32).toString('hex'),
    name: name ? checkPodName(name) : generateName((each) => isTaken(rt, each)),
    created: timestamp(),
    exitPolicy: checkPolicy(exitPolicy),
    infraId: infra ? randomBytes(32).toString('hex') : '',
    cgroupParent: checkParent(rt, cgroupParent),
    resources: {},
    securityOpts: [],
  };
  return { ...pod, cgroupPath: podCgroupPath(rt, pod) };
}

/** The limits count for the pod as a whole. Those of single containers, as that of processes, are none of the pod. */
export function withLimits(pod: Pod, { resources, securityOpts }: ContainerConfig): Pod {
  const { pidsLimit: _pids, unified: _unified, nanoCpus: _nano, ...limits } = resources as ResourceLimits;
  return { ...pod, resources: limits, securityOpts };
}

function isTaken(rt: RuntimeContext, name: string): boolean {
  return rt.state.idOfName(name) !== null || rt.state.statement('SELECT 1 FROM pods WHERE name = ?').get(name) != null;
}

function checkPodName(name: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return checkName(name);
  return badArgument('running pod create option: names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument');
}

function checkPolicy(text: string): ExitPolicy {
  if (text === 'continue' || text === 'stop') return text;
  return badArgument(`running pod create option: invalid pod exit policy: ${JSON.stringify(text)}`);
}

function checkParent(rt: RuntimeContext, given: string): string {
  const systemd = cgroupManager(rt) === 'systemd';
  if (given === '') return systemd ? 'machine.slice' : '/libpod_parent';
  if (given.split('/').includes('..')) badArgument(`invalid cgroup parent ${given}: invalid argument`);
  const slice = given.endsWith('.slice');
  if (slice && !systemd) badArgument('systemd slice received as cgroup parent when using cgroupfs: invalid argument');
  if (!slice && systemd) {
    const words = 'did not receive systemd slice as cgroup parent when using systemd to manage cgroups';
    badArgument(`${words}: invalid argument`);
  }
  return given;
}
