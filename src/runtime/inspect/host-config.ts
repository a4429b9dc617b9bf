import { bundleDir } from '../../config/paths.ts';
import type { IdMapping } from '../../oci/runtime-spec.ts';
import { cgroupManager } from '../cgroup-manager.ts';
import type { ContainerConfig, NamespaceMode, ResourceLimits } from '../container.ts';
import { hostFacts } from '../host-facts.ts';
import { bindOptions } from '../spec/mount-options.ts';
import { inspectConfig } from './config.ts';
import type { InspectInput } from './inspect.ts';
import { portBindings } from './network.ts';
import { withOmitted } from './omitted.ts';

/** HostConfig: what of the host the container was given, and its limits. */
export function inspectHostConfig(input: InspectInput) {
  const { container } = input;
  const { config } = container;
  const shown = {
    ...placeFields(input),
    ...policyFields(input),
    ...capabilityFields(input),
    Dns: config.dnsServers,
    DnsOptions: config.dnsOptions,
    DnsSearch: config.dnsSearch,
    ExtraHosts: config.addHosts,
    HostsFile: config.hostsFile,
    GroupAdd: config.groupAdd,
    ...namespaceFields(config),
    SecurityOpt: securityOptions(config),
    Tmpfs: tmpfsMounts(config),
    UTSMode: modeName(config.uts),
    UsernsMode: config.userns.mode === 'host' ? '' : modeName(config.userns),
    ...(config.idMaps && {
      IDMappings: { UidMap: config.idMaps.uids.map(mapText), GidMap: config.idMaps.gids.map(mapText) },
    }),
    ShmSize: config.shmSize,
    Runtime: 'oci',
    ConsoleSize: [0, 0],
    Isolation: '',
    ...resourceFields(config.resources, config.cgroupParent),
    ...endFields(input),
  };
  return withOmitted(shown, { Init: false, IDMappings: null, IntelRdtClosID: '' });
}

function mapText({ containerID, hostID, size }: IdMapping): string {
  return `${containerID}:${hostID}:${size}`;
}

function placeFields({ rt, container: { config } }: InspectInput) {
  const { log } = config;
  return {
    Binds: binds(config),
    CgroupManager: cgroupManager(rt),
    CgroupMode: modeName(config.cgroupns),
    ContainerIDFile: config.cidFile,
    LogConfig: {
      Type: log.driver,
      Config: null,
      Path:
        log.path ||
        (log.driver === 'k8s-file' || log.driver === 'json-file' ? `${bundleDir(rt.paths, config.id)}/ctr.log` : ''),
      Tag: log.tag,
      Size: humanSize(log.sizeMax),
    },
    NetworkMode: networkMode(config),
    PortBindings: config.network.mode === 'bridge' ? portBindings(config.ports) : {},
  };
}

function policyFields(input: InspectInput) {
  const { config } = input.container;
  return {
    RestartPolicy: { Name: config.restart.name, MaximumRetryCount: config.restart.maximumRetryCount },
    AutoRemove: config.autoRemove,
    AutoRemoveImage: config.autoRemoveImage,
    Annotations: inspectConfig(input).Annotations,
    VolumeDriver: '',
    VolumesFrom: config.volumesFrom.length > 0 ? config.volumesFrom : null,
  };
}

function capabilityFields({ rt, container: { config }, spec }: InspectInput) {
  const usual = config.privileged ? hostFacts().boundingCaps : rt.conf.containers.defaultCapabilities;
  const bounding = spec.process.capabilities?.bounding ?? [];
  return {
    CapAdd: bounding.filter((name) => !usual.includes(name)),
    CapDrop: usual.filter((name) => !bounding.includes(name)).sort(),
  };
}

function namespaceFields(config: ContainerConfig) {
  return {
    IpcMode: modeName(config.ipc),
    Cgroup: '',
    Cgroups: config.cgroupsMode === 'disabled' ? 'disabled' : 'default',
    Links: null,
    OomScoreAdj: config.oomScoreAdj ?? 0,
    PidMode: modeName(config.pid),
    Privileged: config.privileged,
    PublishAllPorts: config.publishAll,
    ReadonlyRootfs: config.readOnly,
  };
}

function resourceFields(limits: ResourceLimits, cgroupParent: string) {
  const quota = limits.cpuQuota ?? 0;
  const period = limits.cpuPeriod ?? 0;
  return {
    CpuShares: limits.cpuShares ?? 0,
    Memory: limits.memory ?? 0,
    NanoCpus: period === 100_000 ? quota * 10_000 : (limits.nanoCpus ?? 0),
    CgroupParent: cgroupParent,
    BlkioWeight: limits.blkioWeight ?? 0,
    BlkioWeightDevice: (limits.blkioWeightDevice ?? []).map(({ path, weight }) => ({ Path: path, Weight: weight })),
    BlkioDeviceReadBps: throttles(limits.deviceReadBps),
    BlkioDeviceWriteBps: throttles(limits.deviceWriteBps),
    BlkioDeviceReadIOps: throttles(limits.deviceReadIops),
    BlkioDeviceWriteIOps: throttles(limits.deviceWriteIops),
    CpuPeriod: period,
    CpuQuota: quota,
    CpuRealtimePeriod: limits.cpuRtPeriod ?? 0,
    CpuRealtimeRuntime: limits.cpuRtRuntime ?? 0,
    CpusetCpus: limits.cpusetCpus ?? '',
    CpusetMems: limits.cpusetMems ?? '',
  };
}

function endFields({ container: { config }, spec }: InspectInput) {
  const { resources } = config;
  return {
    Devices: config.privileged
      ? []
      : config.devices.map(({ hostPath, containerPath }) => ({
          PathOnHost: hostPath,
          PathInContainer: containerPath,
          CgroupPermissions: '',
        })),
    DiskQuota: 0,
    KernelMemory: resources.kernelMemory ?? 0,
    MemoryReservation: resources.memoryReservation ?? 0,
    MemorySwap: resources.memorySwap ?? 0,
    MemorySwappiness: resources.memorySwappiness ?? (resources.memory === undefined ? 0 : -1),
    OomKillDisable: resources.oomKillDisable ?? false,
    ...(config.init ? { Init: true } : {}),
    PidsLimit: resources.pidsLimit ?? 0,
    Ulimits: (spec.process.rlimits ?? []).map(({ type, soft, hard }) => ({
      Name: type,
      Soft: signed(soft),
      Hard: signed(hard),
    })),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
    CgroupConf: resources.unified ?? null,
  };
}

function binds(config: ContainerConfig): string[] {
  const volumes = config.volumes.map(({ name, destination, options }) => joined(name, destination, options));
  const mounts = config.mounts.filter(({ type }) => type === 'bind');
  return [...volumes, ...mounts.map(({ source, destination, options }) => joined(source, destination, options))];
}

function joined(source: string, destination: string, options: string[]): string {
  return `${source}:${destination}:${bindOptions(options).join(',')}`;
}

function tmpfsMounts(config: ContainerConfig): Record<string, string> {
  const mounts = config.mounts.filter(({ type }) => type === 'tmpfs');
  return Object.fromEntries(mounts.map(({ destination, options }) => [destination, options.join(',')]));
}

function securityOptions(config: ContainerConfig): string[] {
  const options = config.noNewPrivileges ? ['no-new-privileges'] : [];
  if (config.selinuxOptions.length > 0) options.push(`label=${config.selinuxOptions.join(',')}`);
  if (config.seccompProfile) options.push(`seccomp=${config.seccompProfile}`);
  if (config.apparmorProfile) options.push(`apparmor=${config.apparmorProfile}`);
  if (config.unmask.includes('ALL') || config.unmask.includes('all')) options.push('unmask=all');
  return options;
}

export function modeName(mode: NamespaceMode): string {
  if (mode.mode === 'container') return `container:${mode.id}`;
  return mode.mode === 'path' ? `ns:${mode.path}` : mode.mode;
}

function networkMode({ network }: ContainerConfig): string {
  if (network.mode === 'container') return `container:${network.id}`;
  return network.mode === 'path' ? `ns:${network.path}` : network.mode;
}

function throttles(devices: { path: string; rate: number }[] = []) {
  return devices.length > 0 ? devices.map(({ path, rate }) => ({ Path: path, Rate: rate })) : null;
}

/** -1 for what has no limit, as an int64 shows it. */
function signed(limit: number | bigint): number {
  const value = Number(limit);
  return value >= 2 ** 63 ? -1 : value;
}

/** Go's units.HumanSize. */
function humanSize(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit++) value /= 1000;
  return `${Number(value.toPrecision(4))}${units[unit]}`;
}
