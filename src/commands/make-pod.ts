/** What `pod create` and `--pod new:NAME` do alike: decide everything, record the pod and its infra container. */

import { resolve } from 'node:path';
import type { Args, Context } from '../cli/command.ts';
import type { Engine } from '../engine.ts';
import { hasCode, TspodError } from '../errors.ts';
import type { ContainerConfig } from '../runtime/container.ts';
import { hostFacts } from '../runtime/host-facts.ts';
import { type BuildImage, type BuildInput, buildConfig } from '../runtime/options/build-config.ts';
import { chooseRuntime } from '../runtime/options/choose-runtime.ts';
import type { CreateOptions } from '../runtime/options/create-options.ts';
import { buildLabels } from '../runtime/options/labels.ts';
import { findInit } from '../runtime/options/settings.ts';
import { buildPod, withLimits } from '../runtime/pod/build-pod.ts';
import { createPod } from '../runtime/pod/create.ts';
import { asInfra, infraRootfs } from '../runtime/pod/infra.ts';
import type { Pod, PodNamespace } from '../runtime/pod/pod.ts';
import { completeOptions } from './complete-options.ts';
import { buildImage, type CreateArgs, checkReferences, findOrPull, nameInUse } from './create-container.ts';
import type { podCreateFlags } from './pod-create-flags.ts';

export interface PodRequest {
  /** '' for a generated one. */
  name: string;
  infra: boolean;
  shares: PodNamespace[];
  shareParent: boolean;
  /** What of the flags was given. */
  args: Partial<Args<typeof podCreateFlags>>;
}

/** Makes the pod; nothing runs yet. @throws NAME_IN_USE, BAD_ARGUMENT, and what a missing infra image brings */
export async function makePod(request: PodRequest, context: Context): Promise<Pod> {
  const { engine } = context;
  const { args } = request;
  const image = request.infra ? await infraImage(args.infraImage || engine.conf.engine.infraImage, context) : null;
  const input = infraInput(engine, args, image);
  const draft = buildPod(engine, {
    ...request,
    createCommand: [context.program, ...process.argv.slice(2)],
    labels: buildLabels({ ...input, image: null }),
    hostname: args.hostname ?? '',
    exitPolicy: args.exitPolicy ?? engine.conf.engine.podExitPolicy,
    restart: args.restart ?? '',
    cgroupParent: args.cgroupParent ?? '',
  });
  const named = { ...input, options: { ...input.options, ...hostname(args, draft.name) } };
  const config = await buildConfig(named);
  const pod = withLimits(draft, config);
  checkLimits(engine, pod);
  await checkReferences(engine, config);
  const init = image ? '' : findInit(named);
  return record(engine, pod, request.infra ? asInfra(config, pod, { name: args.infraName ?? '', init }) : null);
}

async function record(engine: Engine, pod: Pod, infra: ContainerConfig | null): Promise<Pod> {
  try {
    return await createPod(engine, pod, infra);
  } catch (error) {
    if (!infra || !hasCode(error, 'NAME_IN_USE') || !engine.state.idOfName(infra.name)) throw error;
    throw nameInUse(engine, infra.name, error);
  }
}

async function infraImage(name: string, context: Context): Promise<BuildImage | null> {
  if (!name) return null;
  const args = { ...completeOptions({ quiet: true }), operands: [] } as unknown as CreateArgs;
  return buildImage(await findOrPull(name, args, context), name);
}

/** The options of `create` that a pod has too go to its infra container, whose configuration is built like any other. */
function infraInput(engine: Engine, args: PodRequest['args'], image: BuildImage | null): BuildInput {
  const { name: _name, infraName, infraCommand, infraConmonPidfile, podIdFile: _file, given, ...shared } = args;
  const chosen = Object.fromEntries(Object.entries(shared).filter(([, value]) => value !== undefined));
  const options = completeOptions({
    ...(chosen as Partial<CreateOptions>),
    ...(infraName && { name: infraName }),
    ...(infraCommand !== undefined && { entrypoint: infraCommand }),
    ...(infraConmonPidfile && { conmonPidfile: resolve(infraConmonPidfile) }),
    // These are of the pod, and of the infra container only by way of it.
    cgroupParent: undefined,
    label: args.label ?? [],
  });
  const { conf } = engine;
  return {
    options: { ...options, given: new Set([...(given ?? []), ...(infraCommand !== undefined ? ['entrypoint'] : [])]) },
    command: [],
    image,
    ...(image ? {} : { rootfs: infraRootfs(engine) }),
    createCommand: [],
    // Mounts of the configuration are for each container, not for the pod.
    conf: { ...conf, containers: { ...conf.containers, volumes: [], mounts: [], init: false } },
    host: hostFacts(),
    runtime: chooseRuntime(engine.globals.runtime, conf),
    findContainer: (nameOrId) => engine.state.find(nameOrId),
    isNameTaken: (each) => engine.state.idOfName(each) !== null,
  };
}

/** The host name of a pod is its name, unless it has that of the machine. */
function hostname({ hostname: given, uts }: PodRequest['args'], name: string): { hostname?: string } {
  if (given) return { hostname: given };
  return uts === 'host' ? {} : { hostname: name };
}

function checkLimits(engine: Engine, { resources, cgroupPath }: Pod): void {
  if (Object.keys(resources).length === 0 || cgroupPath.startsWith('/')) return;
  const reason =
    engine.globals.cgroupManager === 'cgroupfs' ? 'without --share-parent' : 'with systemd as cgroup manager';
  throw new TspodError('UNSUPPORTED', `limits of a pod ${reason} are not supported by tspod`, {
    hint: 'use --cgroup-manager=cgroupfs, or set the limits of its containers',
  });
}
