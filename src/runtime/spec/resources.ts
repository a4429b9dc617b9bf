/** linux.resources of the limits that were asked for. */
import { statSync } from 'node:fs';
import { messageOf, TspodError } from '../../errors.ts';
import type { Resources } from '../../oci/runtime-spec.ts';
import type { ResourceLimits } from '../container.ts';
import type { HostFacts } from '../host-facts.ts';

/** Without the device rules. Groups of limits of which none is set are left out. */
export function resourcesFor(limits: ResourceLimits, host: HostFacts): Resources {
  return (
    compact({
      memory: compact({
        limit: limits.memory,
        reservation: limits.memoryReservation,
        swap: limits.memorySwap,
        kernel: limits.kernelMemory,
        swappiness: limits.memorySwappiness,
        disableOOMKiller: limits.oomKillDisable,
      }),
      cpu: compact({
        shares: limits.cpuShares,
        quota: limits.cpuQuota,
        period: limits.cpuPeriod,
        realtimeRuntime: limits.cpuRtRuntime,
        realtimePeriod: limits.cpuRtPeriod,
        cpus: limits.cpusetCpus,
        mems: limits.cpusetMems,
      }),
      pids: pidsFor(limits, host),
      blockIO: compact({
        weight: limits.blkioWeight,
        weightDevice: limits.blkioWeightDevice?.map(({ path, weight }) => ({
          ...numbersOf(path, 'blkio-weight-device'),
          weight,
        })),
        throttleReadBpsDevice: rates(limits.deviceReadBps, 'device-read-bps'),
        throttleWriteBpsDevice: rates(limits.deviceWriteBps, 'device-write-bps'),
        throttleReadIOPSDevice: rates(limits.deviceReadIops, 'device-read-iops'),
        throttleWriteIOPSDevice: rates(limits.deviceWriteIops, 'device-write-iops'),
      }),
      unified: limits.unified,
    }) ?? {}
  );
}

/** 0 and -1 mean no limit; a machine without the controller gets no default limit (an explicit one was refused). */
function pidsFor({ pidsLimit }: ResourceLimits, { cgroup }: HostFacts): { limit: number } | undefined {
  if (pidsLimit === undefined || pidsLimit === 0 || !cgroup.controllers.includes('pids')) return undefined;
  return { limit: pidsLimit };
}

function rates(list: { path: string; rate: number }[] | undefined, flag: string) {
  return list?.map(({ path, rate }) => ({ ...numbersOf(path, flag), rate }));
}

function numbersOf(path: string, flag: string): { major: number; minor: number } {
  try {
    return deviceNumbers(statSync(path).rdev);
  } catch (cause) {
    throw new TspodError('SYSTEM', `could not get rate limit device "${path}" of --${flag}: ${messageOf(cause)}`, {
      cause,
    });
  }
}

/** Major and minor number as glibc packs them in st_rdev. */
export function deviceNumbers(rdev: number): { major: number; minor: number } {
  const packed = BigInt(rdev);
  const major = ((packed >> 8n) & 0xfffn) | ((packed >> 32n) & ~0xfffn);
  const minor = (packed & 0xffn) | ((packed >> 12n) & ~0xffn & 0xffffffffn);
  return { major: Number(major), minor: Number(minor) };
}

type Compact<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

/** Drops undefined members; undefined when nothing is left. */
function compact<T extends object>(value: T): Compact<T> | undefined {
  const entries = Object.entries(value).filter(([, member]) => member !== undefined);
  return entries.length > 0 ? (Object.fromEntries(entries) as Compact<T>) : undefined;
}
