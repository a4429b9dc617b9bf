import { expect, test } from 'vitest';
import { configOf, refusal } from './command-line.ts';

async function resources(argv: string[], more = {}) {
  const { pidsLimit: _, ...limits } = (await configOf(argv, more)).resources;
  return limits;
}

test.each([
  [['-m', '64m'], { memory: 64 << 20, memorySwap: 128 << 20 }],
  [['-m', '1.5g', '--memory-swap', '-1'], { memory: 1.5 * 2 ** 30, memorySwap: -1 }],
  [
    ['-m', '64M', '--memory-swap', '100mib', '--memory-reservation', '1000'],
    {
      memory: 64 << 20,
      memorySwap: 100 << 20,
      memoryReservation: 1000,
    },
  ],
  [['--cpus', '1.5'], { cpuPeriod: 100000, cpuQuota: 150000, nanoCpus: 1.5e9 }],
  [['-c', '512', '--cpu-quota', '5000', '--cpu-period', '50000'], { cpuShares: 512, cpuQuota: 5000, cpuPeriod: 50000 }],
  [['--cpuset-cpus', '0,2-3', '--cpuset-mems', '0'], { cpusetCpus: '0,2-3', cpusetMems: '0' }],
  [['--blkio-weight', '100'], { blkioWeight: 100 }],
  [['--device-read-bps', '/dev/sda:1mb'], { deviceReadBps: [{ path: '/dev/sda', rate: 1 << 20 }] }],
  [['--device-write-iops', '/dev/sda:10'], { deviceWriteIops: [{ path: '/dev/sda', rate: 10 }] }],
  [['--oom-kill-disable', '--memory-swappiness', '0'], { oomKillDisable: true, memorySwappiness: 0 }],
])('%j sets %j', async (argv, limits) => {
  expect(await resources(argv)).toEqual(limits);
});

test.each([
  [['-m', '64x'], "invalid value for memory: invalid suffix: 'x'"],
  [['-m', 'lots'], "invalid value for memory: invalid size: 'lots'"],
  [['-m', '64m', '--memory-swap', '32m'], 'minimum memoryswap limit should be larger than memory limit, see usage'],
  [['--memory-swap', '32m'], 'you should always set a memory limit when using a memoryswap limit, see usage'],
  [
    ['-m', '4m', '--memory-reservation', '8m'],
    'minimum memory limit cannot be less than memory reservation limit, see usage',
  ],
  [['--memory-swappiness', '101'], 'invalid value: 101, valid memory swappiness range is 0-100'],
  [['--cpus', '1', '--cpu-quota', '5000'], '--cpu-quota and --cpus cannot be set together'],
  [['--cpu-period', '10'], 'CPU cfs period cannot be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)'],
  [['--cpuset-cpus', '9'], 'requested CPUs are not available - requested 9, available: 0-3'],
  [['--cpuset-cpus', '3-1'], 'invalid value 3-1 for cpuset cpus'],
  [['--blkio-weight', '5'], 'range of blkio weight is from 10 to 1000'],
  [['--blkio-weight-device', 'sda:5'], 'bad format for device path: sda:5'],
  [['--cgroup-conf', 'memory.high=1'], 'cannot use --cgroup-conf without cgroup v2'],
])('%j is refused', async (argv, message) => {
  expect(await refusal(argv)).toBe(message);
});

test('a limit that the machine cannot set is refused by name', async () => {
  const noSwap = {
    cgroup: {
      version: 1 as const,
      hybrid: true,
      controllers: ['memory'],
      hasFile: (_: string, file: string) => !file.includes('memsw'),
      readFile: () => '',
    },
  };
  expect(await refusal(['-m', '64m', '--memory-swap', '128m'], { host: noSwap })).toBe(
    'this machine cannot set the limit of --memory-swap: the kernel has no "memory.memsw.limit_in_bytes"',
  );
  expect(await resources(['-m', '64m'], { host: noSwap })).toEqual({ memory: 64 << 20 });
  expect(await refusal(['--cpus', '1'], { host: noSwap })).toBe(
    'this machine cannot set the limit of --cpu-period (or --cpus): no cgroup controller "cpu"',
  );
  expect(await refusal(['--pids-limit', '5'], { host: noSwap })).toContain('--pids-limit: no cgroup controller "pids"');
});

test('cgroup v2 has no swappiness, and takes --cgroup-conf', async () => {
  const host = {
    cgroup: {
      version: 2 as const,
      hybrid: false,
      controllers: ['memory', 'pids', 'io', 'cpu', 'cpuset'],
      hasFile: () => false,
      readFile: () => '',
    },
  };
  expect(await refusal(['--memory-swappiness', '5'], { host })).toContain('cgroup v2 has no such limit');
  expect(await resources(['--cgroup-conf', 'memory.high=1'], { host })).toEqual({ unified: { 'memory.high': '1' } });
});

test('the number of processes is limited unless containers.conf or a flag says otherwise', async () => {
  const pids = async (argv: string[], more = {}) => (await configOf(argv, more)).resources.pidsLimit;
  expect(await pids([])).toBe(2048);
  expect(await pids(['--pids-limit', '-1'])).toBe(-1);
  expect(await pids(['--cgroups', 'disabled'])).toBeUndefined();
  expect(
    await pids([], { conf: (conf: { containers: { pidsLimit: number } }) => (conf.containers.pidsLimit = 7) }),
  ).toBe(7);
});

test.each([
  ['nofile=1024', { name: 'nofile', soft: 1024, hard: 1024 }],
  ['nofile=1024:2048', { name: 'nofile', soft: 1024, hard: 2048 }],
  ['RLIMIT_CORE=-1', { name: 'core', soft: -1, hard: -1 }],
])('--ulimit %s', async (text, limit) => {
  expect((await configOf(['--ulimit', text])).ulimits).toEqual([limit]);
});

test.each([
  ['nofile', 'invalid ulimit argument: nofile'],
  ['what=1', 'invalid ulimit type: what'],
  ['nofile=2:1', 'ulimit soft limit must be less than or equal to hard limit: 2 > 1'],
  ['nofile=a', 'strconv.ParseInt: parsing "a": invalid syntax'],
  ['nofile=1:2:3', 'too many limit value arguments - 1:2:3, can only have up to two, `soft[:hard]`'],
])('--ulimit %s is refused', async (text, reason) => {
  const prefix = `ulimit option ${JSON.stringify(text)} requires name=SOFT:HARD, failed to be parsed: `;
  expect(await refusal(['--ulimit', text])).toBe(prefix + reason);
});

test('sysctls must belong to a namespace of the container', async () => {
  expect((await configOf(['--sysctl', 'net.core.somaxconn=5'])).sysctls).toEqual({ 'net.core.somaxconn': '5' });
  expect(await refusal(['--sysctl', 'vm.swappiness=1'])).toBe("sysctl 'vm.swappiness' is not allowed");
  expect(await refusal(['--sysctl', 'net.x'])).toContain('must be in the form of KEY=VALUE');
  expect(await refusal(['--network', 'host', '--sysctl', 'net.x=1'])).toBe(
    "sysctl net.x=1 can't be set since Network Namespace set to host: invalid argument",
  );
});
