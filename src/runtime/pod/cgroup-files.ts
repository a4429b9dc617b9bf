/** Limits as the files of a cgroup, v1 and v2 (kernel documentation, "cgroup-v1" and "cgroup-v2"). */
import { statSync } from 'node:fs';
import type { CgroupFacts } from '../../system/cgroup.ts';
import type { ResourceLimits } from '../container.ts';
import { deviceNumbers } from '../spec/resources.ts';

export interface CgroupFile {
  controller: string;
  name: string;
  value: string;
}

/** In the order in which they are to be written. Reads the numbers of the devices that are named. */
export function cgroupFiles(limits: ResourceLimits, cgroup: CgroupFacts): CgroupFile[] {
  return cgroup.version === 2 ? unifiedFiles(limits) : separateFiles(limits, cgroup);
}

function separateFiles(limits: ResourceLimits, cgroup: CgroupFacts): CgroupFile[] {
  const weight = cgroup.hasFile('blkio', 'blkio.weight') ? 'blkio.weight' : 'blkio.bfq.weight';
  return [
    ...file('memory', 'memory.limit_in_bytes', limits.memory),
    ...file('memory', 'memory.memsw.limit_in_bytes', limits.memorySwap),
    ...file('cpu', 'cpu.shares', limits.cpuShares),
    ...file('cpu', 'cpu.cfs_period_us', limits.cpuPeriod),
    ...file('cpu', 'cpu.cfs_quota_us', limits.cpuQuota),
    ...file('cpuset', 'cpuset.cpus', limits.cpusetCpus),
    ...file('cpuset', 'cpuset.mems', limits.cpusetMems),
    ...file('blkio', weight, limits.blkioWeight),
    ...throttles(limits.deviceReadBps).flatMap((text) => file('blkio', 'blkio.throttle.read_bps_device', text)),
    ...throttles(limits.deviceWriteBps).flatMap((text) => file('blkio', 'blkio.throttle.write_bps_device', text)),
  ];
}

function unifiedFiles(limits: ResourceLimits): CgroupFile[] {
  const { memory, memorySwap, cpuQuota, cpuPeriod, cpuShares } = limits;
  const swap = memorySwap === -1 ? 'max' : memorySwap !== undefined ? memorySwap - (memory ?? 0) : undefined;
  const quota = cpuQuota || cpuPeriod ? `${cpuQuota || 'max'} ${cpuPeriod ?? 100_000}` : undefined;
  return [
    ...file('memory', 'memory.max', memory),
    ...file('memory', 'memory.swap.max', swap),
    ...file('cpu', 'cpu.weight', cpuShares && 1 + Math.trunc(((cpuShares - 2) * 9999) / 262142)),
    ...file('cpu', 'cpu.max', quota),
    ...file('cpuset', 'cpuset.cpus', limits.cpusetCpus),
    ...file('cpuset', 'cpuset.mems', limits.cpusetMems),
    ...file('io', 'io.bfq.weight', limits.blkioWeight),
    ...throttles(limits.deviceReadBps, 'rbps=').flatMap((text) => file('io', 'io.max', text)),
    ...throttles(limits.deviceWriteBps, 'wbps=').flatMap((text) => file('io', 'io.max', text)),
  ];
}

function file(controller: string, name: string, value: string | number | undefined): CgroupFile[] {
  return value === undefined || value === '' ? [] : [{ controller, name, value: String(value) }];
}

/** `MAJOR:MINOR RATE` */
function throttles(devices: ResourceLimits['deviceReadBps'], prefix = ''): string[] {
  return (devices ?? []).map(({ path, rate }) => {
    const { major, minor } = deviceNumbers(statSync(path).rdev);
    return `${major}:${minor} ${prefix}${rate}`;
  });
}
