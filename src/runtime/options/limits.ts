/** Whether limits make sense together, and whether this machine's cgroups can set them. */
import { TspodError } from '../../errors.ts';
import type { ResourceLimits } from '../container.ts';
import type { HostFacts } from '../host-facts.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { checkIdList } from './id-list.ts';

export function checkLimits(limits: ResourceLimits, { host }: Pick<BuildInput, 'host'>): void {
  checkMemory(limits);
  checkCpu(limits, host);
  for (const limit of settable) {
    if (limits[limit.key] !== undefined) checkSettable(limit, host);
  }
}

function checkMemory({ memory, memorySwap, memoryReservation, memorySwappiness }: ResourceLimits): void {
  if (memorySwap !== undefined && memorySwap >= 0) {
    if (memory === undefined) {
      badArgument('you should always set a memory limit when using a memoryswap limit, see usage');
    }
    if (memorySwap < memory) badArgument('minimum memoryswap limit should be larger than memory limit, see usage');
  }
  if (memory !== undefined && memoryReservation !== undefined && memory < memoryReservation) {
    badArgument('minimum memory limit cannot be less than memory reservation limit, see usage');
  }
  if (memorySwappiness !== undefined && memorySwappiness > 100) {
    badArgument(`invalid value: ${memorySwappiness}, valid memory swappiness range is 0-100`);
  }
}

function checkCpu({ cpuPeriod, cpuQuota, cpusetCpus, cpusetMems }: ResourceLimits, host: HostFacts): void {
  if (cpuPeriod !== undefined && (cpuPeriod < 1000 || cpuPeriod > 1_000_000)) {
    badArgument('CPU cfs period cannot be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)');
  }
  if (cpuQuota !== undefined && cpuQuota < 1000) badArgument('CPU cfs quota cannot be less than 1ms (i.e. 1000)');
  if (cpusetCpus) checkIdList(cpusetCpus, host.cpus, { what: 'cpuset cpus', plural: 'CPUs' });
  if (cpusetMems) checkIdList(cpusetMems, host.memoryNodes, { what: 'cpuset mems', plural: 'memory nodes' });
}

interface Settable {
  key: keyof ResourceLimits;
  flag: string;
  /** Controller and file on cgroup v1; the first file that exists will do. */
  v1: [controller: string, ...files: string[]];
  /** Controller on v2, or null when v2 has no such limit. */
  v2: [controller: string, ...files: string[]] | null;
}

const settable: Settable[] = [
  { key: 'memory', flag: 'memory', v1: ['memory', 'memory.limit_in_bytes'], v2: ['memory'] },
  { key: 'memorySwap', flag: 'memory-swap', v1: ['memory', 'memory.memsw.limit_in_bytes'], v2: ['memory'] },
  {
    key: 'memoryReservation',
    flag: 'memory-reservation',
    v1: ['memory', 'memory.soft_limit_in_bytes'],
    v2: ['memory'],
  },
  { key: 'memorySwappiness', flag: 'memory-swappiness', v1: ['memory', 'memory.swappiness'], v2: null },
  { key: 'oomKillDisable', flag: 'oom-kill-disable', v1: ['memory', 'memory.oom_control'], v2: null },
  { key: 'cpuShares', flag: 'cpu-shares', v1: ['cpu', 'cpu.shares'], v2: ['cpu'] },
  { key: 'cpuPeriod', flag: 'cpu-period', v1: ['cpu', 'cpu.cfs_period_us'], v2: ['cpu'] },
  { key: 'cpuQuota', flag: 'cpu-quota', v1: ['cpu', 'cpu.cfs_quota_us'], v2: ['cpu'] },
  { key: 'cpuRtPeriod', flag: 'cpu-rt-period', v1: ['cpu', 'cpu.rt_period_us'], v2: null },
  { key: 'cpuRtRuntime', flag: 'cpu-rt-runtime', v1: ['cpu', 'cpu.rt_runtime_us'], v2: null },
  { key: 'cpusetCpus', flag: 'cpuset-cpus', v1: ['cpuset', 'cpuset.cpus'], v2: ['cpuset'] },
  { key: 'cpusetMems', flag: 'cpuset-mems', v1: ['cpuset', 'cpuset.mems'], v2: ['cpuset'] },
  { key: 'blkioWeight', flag: 'blkio-weight', v1: ['blkio', 'blkio.weight', 'blkio.bfq.weight'], v2: ['io'] },
  {
    key: 'blkioWeightDevice',
    flag: 'blkio-weight-device',
    v1: ['blkio', 'blkio.weight_device', 'blkio.bfq.weight_device'],
    v2: ['io'],
  },
  { key: 'deviceReadBps', flag: 'device-read-bps', v1: ['blkio', 'blkio.throttle.read_bps_device'], v2: ['io'] },
  { key: 'deviceWriteBps', flag: 'device-write-bps', v1: ['blkio', 'blkio.throttle.write_bps_device'], v2: ['io'] },
  { key: 'deviceReadIops', flag: 'device-read-iops', v1: ['blkio', 'blkio.throttle.read_iops_device'], v2: ['io'] },
  { key: 'deviceWriteIops', flag: 'device-write-iops', v1: ['blkio', 'blkio.throttle.write_iops_device'], v2: ['io'] },
];

/** A limit that would be dropped in silence is worse than none: it is refused by name. */
function checkSettable({ key, flag, v1, v2 }: Settable, { cgroup, rootless }: HostFacts): void {
  const shown = key === 'cpuQuota' || key === 'cpuPeriod' ? `${flag} (or --cpus)` : flag;
  const refusal = (reason: string) =>
    new TspodError('UNSUPPORTED', `this machine cannot set the limit of --${shown}: ${reason}`);
  if (rootless && cgroup.version === 1) throw refusal('on cgroup v1 only root can');
  const place = cgroup.version === 2 ? v2 : v1;
  if (!place) throw refusal('cgroup v2 has no such limit');
  const [controller, ...files] = place;
  if (!cgroup.controllers.includes(controller)) throw refusal(missingController(controller, rootless));
  if (files.length > 0 && !files.some((file) => cgroup.hasFile(controller, file))) {
    throw refusal(`the kernel has no "${files.join('" or "')}"`);
  }
}

function missingController(controller: string, rootless: boolean): string {
  const words = `no cgroup controller "${controller}"`;
  return rootless ? `${words} is delegated to this user (see "Limits" in docs/rootless.md)` : words;
}

/** --pids-limit was given, so its controller has to be there; the default limit is dropped without it. */
export function checkPidsLimit({ options, host }: BuildInput): void {
  if (options.pidsLimit === undefined || options.pidsLimit <= 0 || host.cgroup.controllers.includes('pids')) return;
  throw new TspodError('UNSUPPORTED', 'this machine cannot set the limit of --pids-limit: no cgroup controller "pids"');
}

/** `--cgroup-conf` writes files of cgroup v2. */
export function checkUnified({ unified }: ResourceLimits, host: HostFacts): void {
  if (unified && host.cgroup.version === 1) badArgument('cannot use --cgroup-conf without cgroup v2');
}
