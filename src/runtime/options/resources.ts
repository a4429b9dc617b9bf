/** --memory, --cpus and the other limits. */
import type { ResourceLimits } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import { blkioLimits } from './blkio.ts';
import type { BuildInput } from './build-input.ts';
import { cut } from './labels.ts';
import { checkLimits } from './limits.ts';
import { ramInBytes } from './size.ts';

/** @throws BAD_ARGUMENT for values that make no sense, UNSUPPORTED naming a limit that this machine cannot set */
export function buildResources(input: BuildInput): ResourceLimits {
  const limits = { ...memoryLimits(input), ...cpuLimits(input), ...blkioLimits(input.options), ...unified(input) };
  checkLimits(limits, input);
  const pids = pidsLimit(input);
  return pids === undefined ? limits : { ...limits, pidsLimit: pids };
}

function memoryLimits({ options, host }: BuildInput): ResourceLimits {
  const what = 'invalid value for memory';
  const limits: ResourceLimits = {};
  const memory = options.memory ? ramInBytes(options.memory, what) : 0;
  if (memory > 0) limits.memory = memory;
  if (options.memoryReservation) limits.memoryReservation = ramInBytes(options.memoryReservation, what);
  if (options.memorySwap === '-1') limits.memorySwap = -1;
  else if (options.memorySwap) limits.memorySwap = ramInBytes(options.memorySwap, what);
  // As much swap as memory, where the kernel counts it: nobody asked for it, so its lack is no error.
  else if (memory > 0 && countsSwap(host)) limits.memorySwap = 2 * memory;
  if (options.memorySwappiness >= 0) limits.memorySwappiness = options.memorySwappiness;
  if (options.oomKillDisable) limits.oomKillDisable = true;
  return limits;
}

function countsSwap({ cgroup }: BuildInput['host']): boolean {
  if (cgroup.version === 1) return cgroup.hasFile('memory', 'memory.memsw.limit_in_bytes');
  return cgroup.hasFile('memory', 'memory.swap.max') || !cgroup.hasFile('memory', 'memory.max');
}

const cpuPeriod = 100_000;

function cpuLimits({ options }: BuildInput): ResourceLimits {
  const { given, cpus = 0 } = options;
  for (const flag of ['cpu-period', 'cpu-quota']) {
    if (given.has(flag) && given.has('cpus')) badArgument(`--${flag} and --cpus cannot be set together`);
  }
  return {
    ...(cpus > 0 && { cpuPeriod, cpuQuota: Math.trunc(cpus * cpuPeriod), nanoCpus: Math.round(cpus * 1e9) }),
    ...(options.cpuShares && { cpuShares: options.cpuShares }),
    ...(options.cpuPeriod && { cpuPeriod: options.cpuPeriod }),
    ...(options.cpuQuota && options.cpuQuota > 0 && { cpuQuota: options.cpuQuota }),
    ...(options.cpuRtPeriod && { cpuRtPeriod: options.cpuRtPeriod }),
    ...(options.cpuRtRuntime && { cpuRtRuntime: options.cpuRtRuntime }),
    ...(options.cpusetCpus && { cpusetCpus: options.cpusetCpus }),
    ...(options.cpusetMems && { cpusetMems: options.cpusetMems }),
  };
}

function unified({ options, conf }: BuildInput): ResourceLimits {
  for (const line of options.cgroupConf) {
    if (!line.includes('=')) badArgument('--cgroup-conf must be formatted KEY=VALUE');
  }
  const lines = [...conf.containers.cgroupConf, ...options.cgroupConf];
  return lines.length > 0 ? { unified: Object.fromEntries(lines.map(cut)) } : {};
}

function pidsLimit({ options, conf }: BuildInput): number | undefined {
  if (options.pidsLimit !== undefined) return options.pidsLimit;
  if (options.cgroups === 'disabled' || conf.containers.pidsLimit === 0) return undefined;
  return conf.containers.pidsLimit;
}
