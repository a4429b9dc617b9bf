/** The JSON of `container inspect`: names, order and empty values are those of Podman 5.8 (libpod/define). */
import { existsSync, readFileSync } from 'node:fs';
import { bundleDir, containerRunDir } from '../../config/paths.ts';
import type { Spec } from '../../oci/runtime-spec.ts';
import { cgroupManager } from '../cgroup-manager.ts';
import type { Container, ContainerConfig } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { activeSessions } from '../exec-sessions.ts';
import { healthResults } from '../health/results.ts';
import { hostFacts } from '../host-facts.ts';
import { dependenciesOf } from '../joined.ts';
import { capabilitiesFor } from '../spec/capabilities.ts';
import { cgroupsPath } from '../spec/cgroups-path.ts';
import { rlimitsFor } from '../spec/rlimits.ts';
import { inspectConfig } from './config.ts';
import { inspectGraphDriver } from './graph-driver.ts';
import { inspectHostConfig } from './host-config.ts';
import { inspectMounts } from './mounts.ts';
import { inspectNetwork } from './network.ts';
import { withOmitted } from './omitted.ts';

export interface InspectOptions {
  /** Also measures the writable layer and the root file system: slow. */
  size?: boolean;
}

/** What the inspect parts work on. */
export interface InspectInput {
  rt: RuntimeContext;
  container: Container;
  /** The parts of the OCI spec that inspect shows: of the last start, or as they would be. */
  spec: Pick<Spec, 'annotations'> & { process: Pick<Spec['process'], 'env' | 'capabilities' | 'rlimits'> };
}

/** Everything there is to know about one container. Reads files, writes nothing. */
export function inspectContainer(rt: RuntimeContext, container: Container, options: InspectOptions = {}) {
  const { config } = container;
  const input: InspectInput = { rt, container, spec: recordedSpec(rt, config) ?? plannedSpec(config) };
  const [path = '', ...args] = [...config.entrypoint, ...config.command];
  const shown = {
    Id: config.id,
    Created: config.created,
    Path: path,
    Args: args,
    State: inspectState(rt, container),
    ...imageFields(rt, config),
    Rootfs: config.rootfs,
    Pod: config.pod,
    ...fileFields(rt, config),
    Name: config.name,
    RestartCount: container.state.restartCount,
    Driver: rt.store.driver.name,
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: '',
    EffectiveCaps: listOrNull(input.spec.process.capabilities?.effective),
    BoundingCaps: listOrNull(input.spec.process.capabilities?.bounding),
    ExecIDs: activeSessions(rt, config.id).map(({ id }) => id),
    GraphDriver: inspectGraphDriver(rt, container),
    ...(options.size ? sizes(rt, config) : {}),
    Mounts: inspectMounts(input),
    Dependencies: dependenciesOf(config),
    NetworkSettings: inspectNetwork(rt, container),
    Namespace: '',
    IsInfra: config.infra !== undefined,
    IsService: false,
    KubeExitCodePropagation: 'invalid',
    lockNumber: 0,
    Config: inspectConfig(input),
    HostConfig: inspectHostConfig(input),
    UseImageHosts: config.hostsFile === 'image',
    UseImageHostname: config.noHostname,
  };
  return withOmitted(shown, { OCIConfigPath: '', SizeRw: null, SizeRootFs: 0 });
}

export type ContainerInspect = ReturnType<typeof inspectContainer>;

/** Go's zero time. */
const never = '0001-01-01T00:00:00Z';

function inspectState(rt: RuntimeContext, { config, state }: Container) {
  const running = state.status === 'running';
  const health = healthResults(rt, config);
  const hasCgroup = running || state.status === 'paused' || state.status === 'stopping';
  const cgroup = hasCgroup ? cgroupsPath(config, cgroupManager(rt), hostFacts()) : '';
  const shown = {
    OciVersion: '1.0.2',
    Status: state.status,
    Running: running,
    Paused: state.status === 'paused',
    Restarting: false,
    OOMKilled: state.oomKilled,
    Dead: false,
    Pid: state.pid,
    ...(state.monitorPid > 0 ? { ConmonPid: state.monitorPid } : {}),
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt || never,
    FinishedAt: state.finishedAt || never,
    ...(health ? { Health: health } : {}),
    ...(cgroup ? { CgroupPath: cgroup } : {}),
    CheckpointedAt: never,
    RestoredAt: never,
    ...(state.stoppedByUser ? { StoppedByUser: true } : {}),
  };
  // Templates know it by another name too.
  return withOmitted(shown, { ...omittedState, Healthcheck: health });
}

const omittedState = {
  ConmonPid: 0,
  Health: null,
  Checkpointed: false,
  CgroupPath: '',
  CheckpointLog: '',
  CheckpointPath: '',
  RestoreLog: '',
  Restored: false,
  StoppedByUser: false,
};

function imageFields(rt: RuntimeContext, config: ContainerConfig) {
  const image = config.imageId ? rt.store.imageById(config.imageId) : null;
  return { Image: config.imageId, ImageDigest: image?.digest ?? '', ImageName: config.imageName };
}

function fileFields(rt: RuntimeContext, config: ContainerConfig) {
  const bundle = bundleDir(rt.paths, config.id);
  const runDir = containerRunDir(rt.paths, config.id);
  const ifMade = (path: string): string => (existsSync(path) ? path : '');
  const spec = ifMade(`${bundle}/config.json`);
  return {
    ResolvConfPath: ifMade(`${runDir}/resolv.conf`),
    HostnamePath: ifMade(`${runDir}/hostname`),
    HostsPath: ifMade(`${runDir}/hosts`),
    StaticDir: bundle,
    ...(spec ? { OCIConfigPath: spec } : {}),
    OCIRuntime: config.runtimeName,
    ConmonPidFile: config.conmonPidFile || `${runDir}/conmon.pid`,
    PidFile: config.pidFile || `${runDir}/pidfile`,
  };
}

function sizes(rt: RuntimeContext, config: ContainerConfig) {
  if (config.rootfs) return { SizeRw: 0 };
  const { rw, rootfs } = rt.store.containerSize(config.id);
  return { SizeRw: rw, ...(rootfs > 0 ? { SizeRootFs: rootfs } : {}) };
}

function recordedSpec(rt: RuntimeContext, config: ContainerConfig): Spec | null {
  try {
    return JSON.parse(readFileSync(`${bundleDir(rt.paths, config.id)}/config.json`, 'utf8')) as Spec;
  } catch {
    return null;
  }
}

/** Of a container that never ran: what can be said without its root file system. */
function plannedSpec(config: ContainerConfig): InspectInput['spec'] {
  const host = hostFacts();
  const [user = ''] = config.user.split(':');
  const isRoot = user === '' || user === '0' || user === 'root';
  const identity = { uid: isRoot ? 0 : 1, gid: 0, additionalGids: [], home: '', isRoot, name: '' };
  return {
    annotations: {},
    process: {
      env: config.env,
      capabilities: capabilitiesFor(config, host, identity),
      rlimits: rlimitsFor(config, host),
    },
  };
}

function listOrNull(list: readonly string[] | undefined): readonly string[] | null {
  return list && list.length > 0 ? list : null;
}
