/** From a recorded container to one that the runtime has made and whose process waits for `start`. */
import { writeFileSync } from 'node:fs';
import { bundleDir, containerRunDir } from '../config/paths.ts';
import { messageOf } from '../errors.ts';
import { coolCgroups, warmCgroups } from '../system/cgroup-warm.ts';
import { bootId, startTime } from '../system/proc.ts';
import { cgroupManager } from './cgroup-manager.ts';
import type { Container, ContainerConfig, ContainerState } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { forgetEnding } from './ending.ts';
import { writeEtcFiles } from './etc-files.ts';
import { containerEvent } from './events.ts';
import { forgetContainer } from './forget.ts';
import { hostFacts } from './host-facts.ts';
import { imageVolumeUp } from './image-volumes.ts';
import { checkDependencies, joinPids } from './joined.ts';
import type { ContainerLock } from './locks.ts';
import { launchMonitor } from './monitor/launch.ts';
import type { MonitorOptions } from './monitor/options.ts';
import { type StartedMonitor, startMonitor } from './monitor/start.ts';
import { canRunAtOnce, monitorOptions, notifyDir } from './monitor-options.ts';
import { closeAll, type NetworkUp, networkUp, reservePorts } from './network-up.ts';
import { release } from './settle.ts';
import { shmUp } from './shm.ts';
import { defaultMounts } from './spec/default-mounts.ts';
import { generateSpec, type SpecInput, stringifySpec } from './spec/generate.ts';
import { overlayMounts } from './spec/overlays.ts';
import { prepareRun } from './spec/prepare.ts';
import { compiledFilter } from './spec/seccomp-cache.ts';
import { outside } from './spec/userns.ts';
import { ownVolumes, storageUp } from './storage-up.ts';
import { trace } from './trace.ts';

export interface Initialized {
  container: Container;
  monitor: StartedMonitor;
  /** Its process runs already: there is nothing left to start. */
  runs: boolean;
}

/** What a caller wants that goes on to start the container: then the runtime runs it in one go where that is possible. */
export interface RunRequest {
  /** Called when the attach socket listens and nothing runs yet. */
  connect(): void;
}

/**
 * Makes mounts, network, bundle, monitor and runtime container; needs the lock. All or nothing: a failure releases
 * everything and is noted in the state. COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, RUNTIME_FAILED, PORT_IN_USE, ...
 * The new state is not saved: the caller does that, once, when it knows how far the container came.
 */
export async function initContainer(
  rt: RuntimeContext,
  container: Container,
  lock: ContainerLock,
  run?: RunRequest,
): Promise<Initialized> {
  checkDependencies(rt, container.config);
  warmCgroups();
  lock.markStarting();
  try {
    if (container.config.pod) await joinPlaces(rt, container.config);
    return await build(rt, container, run);
  } catch (error) {
    await undo(rt, container, error);
    lock.clearMark();
    throw error;
  }
}

/** A container in a pod has its cgroup below that of the pod, and a line in the pod's hosts file. */
async function joinPlaces(rt: RuntimeContext, config: ContainerConfig): Promise<void> {
  const [{ podCgroupUp }, { addToHosts }] = await Promise.all([import('./pod/cgroup.ts'), import('./pod/hosts.ts')]);
  podCgroupUp(rt, config.pod);
  await addToHosts(rt, config);
}

async function build(rt: RuntimeContext, { config, state }: Container, run?: RunRequest): Promise<Initialized> {
  forgetEnding(rt, config.id);
  const portFds = await reservePorts(config);
  try {
    const options = monitorOptions(rt, config, portFds);
    const runs = run !== undefined && canRunAtOnce(options);
    const { monitor, prepared } = await (runs ? runAtOnce(rt, config, options, run) : create(rt, config, options));
    coolCgroups();
    trace('created');
    containerEvent(rt, config, 'init');
    prepared.keepFilter();
    return { container: { config, state: { ...fresh(state), ...held(prepared, monitor) } }, monitor, runs };
  } finally {
    closeAll(portFds);
  }
}

/** What the runtime finds when it is called. */
interface Prepared {
  rootfs: string;
  network: NetworkUp;
  /** To be called once the runtime has read the bundle. */
  keepFilter(): void;
}

interface Made {
  monitor: StartedMonitor;
  prepared: Prepared;
}

async function prepare(rt: RuntimeContext, config: ContainerConfig): Promise<Prepared> {
  const rootfs = storageUp(rt, config);
  trace('mounted');
  const network = await networkUp(rt, config);
  trace('network');
  const keepFilter = await writeBundle(rt, config, rootfs, network);
  if (config.healthcheck) await prepareChecks(rt, config, rootfs);
  trace('bundle');
  return { rootfs, network, keepFilter };
}

async function create(rt: RuntimeContext, config: ContainerConfig, options: MonitorOptions): Promise<Made> {
  const prepared = await prepare(rt, config);
  return { prepared, monitor: await startMonitor(options) };
}

/** The monitor gets ready while mounts, network and bundle are made. */
async function runAtOnce(
  rt: RuntimeContext,
  config: ContainerConfig,
  options: MonitorOptions,
  run: RunRequest,
): Promise<Made> {
  const launched = launchMonitor(options);
  try {
    const prepared = await prepare(rt, config);
    await launched.attachable;
    run.connect();
    return { prepared, monitor: await launched.run() };
  } catch (error) {
    launched.abandon();
    throw error;
  }
}

/** Cold: most containers have none. */
async function prepareChecks(rt: RuntimeContext, config: ContainerConfig, rootfs: string): Promise<void> {
  const { prepareHealth } = await import('./health/configure.ts');
  prepareHealth(rt, config, rootfs);
}

/** Returns what is to be done with the compiled seccomp filter once the runtime has made it. */
async function writeBundle(
  rt: RuntimeContext,
  config: ContainerConfig,
  rootfs: string,
  network: NetworkUp,
): Promise<() => void> {
  const host = hostFacts();
  const { volumeDir } = rt.paths;
  const bundle = bundleDir(rt.paths, config.id);
  const etcFiles = await writeEtcFiles(rt, config, network.networks, network.uplink);
  const runDir = containerRunDir(rt.paths, config.id);
  const prepared = prepareRun({ config, rootfs, runDir, volumeDir, host });
  const hears = config.sdnotifySocket !== undefined && (config.sdnotify ?? 'container') === 'container';
  const files = { ...etcFiles, ...prepared, shm: shmUp(rt, config), notifyDir: hears ? notifyDir(bundle) : null };
  const secrets = config.secrets ? await import('./secrets.ts') : null;
  secrets?.keepSecrets(rt, config);
  if (config.idMaps) {
    const { openToContainer } = await import('./userns-access.ts');
    openToContainer(config, {
      files,
      folders: [rootfs, runDir, bundle, volumeDir, ...(secrets ? [secrets.secretFolder(rt, config)] : [])],
    });
  }
  const mounts = overlayMounts({ config, bundle, mountImage: (image) => imageVolumeUp(rt, config.id, image) });
  if (secrets) mounts.push(...secrets.secretMounts(rt, config));
  const input: SpecInput = {
    config,
    rootfs,
    image: null,
    files,
    netnsPath: network.netns,
    joinPids: joinPids(rt, config),
    conf: rt.conf,
    host,
    cgroupManager: cgroupManager(rt),
    volumeDir,
    mounts,
    defaultMounts: defaultMounts(rt.conf.containers.defaultMountsFile, runDir),
  };
  const filter = compiledFilter(input, `${rt.paths.tmpDir}/seccomp`);
  const spec = generateSpec({ ...input, filter: filter.data });
  secrets?.addSecretEnv(rt, config, spec);
  ownVolumes(rt, config, rootfs, outside(config, spec.process.user));
  writeFileSync(`${bundle}/config.json`, stringifySpec(spec), { mode: 0o600 });
  return () => filter.keep(config.id, spec);
}

/** What a new run forgets of the last one. */
function fresh(state: ContainerState): ContainerState {
  return { ...state, exitCode: 0, oomKilled: false, error: '', stoppedByUser: false, finishedAt: '' };
}

function held({ rootfs, network }: Prepared, monitor: StartedMonitor) {
  return {
    status: 'initialized',
    pid: monitor.containerPid,
    // Null for a process that is gone already: then nothing with this pid is ours.
    pidStartTime: startTime(monitor.containerPid) ?? 0,
    monitorPid: monitor.monitorPid,
    mountpoint: rootfs,
    bootId: bootId(),
    netns: network.netns ?? '',
    networks: network.networks,
  } as const;
}

async function undo(rt: RuntimeContext, container: Container, error: unknown): Promise<void> {
  const { config, state } = container;
  try {
    await release(rt, container);
  } catch {
    // The start's own error says more; what is left is released by the next command.
  }
  if (config.autoRemove) forgetContainer(rt, container, { volumes: true });
  else rt.state.saveState(config.id, { ...state, error: messageOf(error) });
}
