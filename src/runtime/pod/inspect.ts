/** The JSON of `pod inspect`: names, order and empty values are those of Podman 5.8 (libpod/define). */
import type { Container } from '../container.ts';
import type { RuntimeContext } from '../context.ts';
import { modeName } from '../inspect/host-config.ts';
import { portBindings } from '../inspect/network.ts';
import { podMembers, podStatus } from './members.ts';
import type { Pod } from './pod.ts';

/** Everything there is to know about one pod. */
export async function inspectPod(rt: RuntimeContext, pod: Pod) {
  const members = await podMembers(rt, pod);
  const infra = members.find(({ config }) => config.id === pod.infraId);
  return {
    Id: pod.id,
    Name: pod.name,
    Created: pod.created,
    ...unlessEmpty('CreateCommand', pod.createCommand),
    ExitPolicy: pod.exitPolicy,
    State: podStatus(members),
    Hostname: pod.hostname,
    ...(Object.keys(pod.labels).length > 0 && { Labels: pod.labels }),
    CreateCgroup: pod.shareParent,
    CgroupParent: pod.cgroupParent,
    ...(pod.cgroupPath && { CgroupPath: pod.cgroupPath }),
    CreateInfra: infra !== undefined,
    ...(infra && { InfraContainerID: infra.config.id, InfraConfig: infraConfig(infra, pod) }),
    ...unlessEmpty('SharedNamespaces', pod.shares),
    NumContainers: members.length,
    ...unlessEmpty('Containers', members.map(containerFields).sort(byId)),
    ...limits(pod),
    ...unlessEmpty('security_opt', pod.securityOpts),
    ...unlessEmpty('volumes_from', infra?.config.volumesFrom ?? []),
    ...(pod.restart && { RestartPolicy: pod.restart }),
    LockNumber: 0,
  };
}

export type PodInspect = Awaited<ReturnType<typeof inspectPod>>;

function containerFields({ config, state }: Container) {
  return { Id: config.id, Name: config.name, State: state.status };
}

function byId(a: { Id: string }, b: { Id: string }): number {
  return a.Id < b.Id ? -1 : 1;
}

function infraConfig({ config }: Container, { resources }: Pod) {
  const networks = Object.keys(config.networks);
  return {
    PortBindings: portBindings(config.ports),
    HostNetwork: config.network.mode === 'host',
    StaticIP: '',
    StaticMAC: '',
    NoManageResolvConf: config.noResolvConf,
    DNSServer: listOrNull(config.dnsServers),
    DNSSearch: listOrNull(config.dnsSearch),
    DNSOption: listOrNull(config.dnsOptions),
    NoManageHostname: config.noHostname,
    NoManageHosts: config.noHosts,
    HostAdd: listOrNull(config.addHosts),
    HostsFile: config.hostsFile,
    Networks: listOrNull(networks),
    NetworkOptions: null,
    ...(resources.cpuPeriod && { cpu_period: resources.cpuPeriod }),
    ...(resources.cpuQuota && { cpu_quota: resources.cpuQuota }),
    ...(resources.cpusetCpus && { cpuset_cpus: resources.cpusetCpus }),
    pid_ns: modeName(config.pid),
    userns: modeName(config.userns),
    uts_ns: modeName(config.uts),
  };
}

function limits({ resources }: Pod) {
  const rates = (list: typeof resources.deviceReadBps) =>
    (list ?? []).map(({ path, rate }) => ({ Path: path, Rate: rate }));
  return {
    ...(resources.cpuPeriod && { cpu_period: resources.cpuPeriod }),
    ...(resources.cpuQuota && { cpu_quota: resources.cpuQuota }),
    ...(resources.cpuShares && { cpu_shares: resources.cpuShares }),
    ...(resources.cpusetCpus && { cpuset_cpus: resources.cpusetCpus }),
    ...(resources.cpusetMems && { cpuset_mems: resources.cpusetMems }),
    ...unlessEmpty('device_read_bps', rates(resources.deviceReadBps)),
    ...unlessEmpty('device_write_bps', rates(resources.deviceWriteBps)),
    ...(resources.memory && { memory_limit: resources.memory }),
    ...(resources.memorySwap && { memory_swap: resources.memorySwap }),
    ...(resources.blkioWeight && { blkio_weight: resources.blkioWeight }),
  };
}

function listOrNull<T>(list: T[]): T[] | null {
  return list.length > 0 ? list : null;
}

function unlessEmpty<T>(key: string, list: T[]): Record<string, T[]> {
  return list.length > 0 ? { [key]: list } : {};
}
