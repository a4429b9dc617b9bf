/** `create` and `run` with --pod or --pod-id-file. */
import type { Context } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import type { Container } from '../runtime/container.ts';
import { joinPod } from '../runtime/pod/join.ts';
import { withPod } from '../runtime/pod/lock.ts';
import type { Pod } from '../runtime/pod/pod.ts';
import { findPod } from '../runtime/pod/pods.ts';
import type { CreateArgs } from './create-container.ts';
import { makePod } from './make-pod.ts';
import { readPodId } from './pod-select.ts';

type Make = (args: CreateArgs) => Promise<Container>;

/** Makes the container with what its pod decides for it; `new:NAME` makes the pod first. NO_SUCH_POD. */
export function makeInPod(args: CreateArgs, context: Context, make: Make): Promise<Container> {
  const { engine } = context;
  const { pod = '', podIdFile } = args;
  if (pod && podIdFile) refuse('cannot specify both --pod and --pod-id-file');
  if (pod.startsWith('new:')) return makeBoth(pod.slice('new:'.length), args, context, make);
  const { id } = findPod(engine.state, podIdFile ? readPodId(podIdFile) : pod);
  return withPod(engine, id, (found) => make(joinPod(engine, found, args)));
}

/** A pod that was made for a container that cannot be made goes again. */
async function makeBoth(name: string, args: CreateArgs, context: Context, make: Make): Promise<Container> {
  const { engine } = context;
  if (name === '') refuse('new pod name must be at least one character');
  const pod = await podFor(name, args, context);
  try {
    return await withPod(engine, pod.id, (found) => make(joinPod(engine, found, withoutPodOptions(args))));
  } catch (error) {
    const { removePod } = await import('../runtime/pod/remove.ts');
    await removePod(engine, pod.id, { force: true });
    throw error;
  }
}

/** Options that a new pod takes over from the container. */
const taken = [
  'addHost',
  'dns',
  'dnsOption',
  'dnsSearch',
  'hostname',
  'hostsFile',
  'ip',
  'ip6',
  'macAddress',
  'network',
  'networkAlias',
  'noHosts',
  'publish',
] as const;

function podFor(name: string, args: CreateArgs, context: Context): Promise<Pod> {
  const { cpus, cpusetCpus, pid, restart, userns } = args;
  const own = Object.fromEntries(taken.map((key) => [key, args[key]]));
  const request = {
    name,
    infra: true,
    shares: ['ipc', 'net', 'uts'] as const,
    shareParent: true,
    args: { ...own, cpus, cpusetCpus, pid, restart, userns, given: args.given },
  };
  return makePod({ ...request, shares: [...request.shares] }, context);
}

function withoutPodOptions(args: CreateArgs): CreateArgs {
  const kebab = (key: string) => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const given = new Set(args.given);
  for (const key of taken) given.delete(kebab(key));
  const empty = { addHost: [], dns: [], dnsOption: [], dnsSearch: [], network: [], networkAlias: [], publish: [] };
  const none = { hostname: undefined, hostsFile: undefined, ip: undefined, ip6: undefined, macAddress: undefined };
  return { ...args, ...empty, ...none, noHosts: false, given } as CreateArgs;
}

function refuse(words: string): never {
  throw new TspodError('BAD_ARGUMENT', words);
}
