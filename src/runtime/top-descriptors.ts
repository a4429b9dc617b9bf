/** The columns of `top`: AIX format descriptors of ps(1) and those for containers, as Podman has them. */
import { readFileSync } from 'node:fs';
import { goDuration } from './go-duration.ts';
import type { Identity } from './top-identity.ts';
import type { TopProcess } from './top-process.ts';

export interface TopFacts {
  identity: Identity;
  /** Milliseconds since the epoch. */
  now: number;
  bootTime: number;
}

interface Descriptor {
  header: string;
  code?: string;
  value(process: TopProcess, facts: TopFacts): string;
}

/** What `top` shows when nothing was asked for. */
export const defaultDescriptors = ['user', 'pid', 'ppid', 'pcpu', 'etime', 'tty', 'time', 'args'];

/** A descriptor by its name or its code (`%C`). */
export function findDescriptor(name: string): Descriptor | undefined {
  if (Object.hasOwn(descriptors, name)) return descriptors[name];
  return Object.values(descriptors).find(({ code }) => code === name);
}

export function descriptorNames(): string[] {
  return Object.keys(descriptors).sort();
}

/** The facts that all columns need. */
export function topFacts(identity: Identity): TopFacts {
  const bootTime = Number(/^btime (\d+)/m.exec(readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0) * 1000;
  return { identity, now: Date.now(), bootTime };
}

/** Clock ticks of /proc are 100 a second on every Linux that Node runs on. */
const ticksPerSecond = 100;
const pageKilobytes = 4;

const ids = (process: TopProcess, key: string) => (process.status.get(key) ?? '').split(/\s+/).filter(Boolean);
const id = (process: TopProcess, key: string, index: number) => ids(process, key)[index] ?? '0';
/** By the number in proc(5). */
const stat = (process: TopProcess, field: number) => process.stat[field - 3] ?? '0';

const descriptors: Record<string, Descriptor> = {
  pcpu: { header: '%CPU', code: '%C', value: cpuPercent },
  group: { header: 'GROUP', code: '%G', value: (p, { identity }) => identity.group(id(p, 'Gid', 1)) },
  groups: { header: 'GROUPS', value: (p, { identity }) => ids(p, 'Groups').map(identity.group).join(',') },
  ppid: { header: 'PPID', code: '%P', value: (p) => String(p.ppid) },
  user: { header: 'USER', code: '%U', value: (p, { identity }) => identity.user(id(p, 'Uid', 1)) },
  uid: { header: 'UID', value: (p, { identity }) => identity.uid(id(p, 'Uid', 1)) },
  args: { header: 'COMMAND', code: '%a', value: (p) => p.args.join(' ') || `[${p.comm}]` },
  comm: { header: 'COMMAND', code: '%c', value: (p) => p.comm },
  rgroup: { header: 'RGROUP', code: '%g', value: (p, { identity }) => identity.group(id(p, 'Gid', 0)) },
  nice: { header: 'NI', code: '%n', value: (p) => stat(p, 19) },
  pid: { header: 'PID', code: '%p', value: (p) => String(p.pid) },
  pgid: { header: 'PGID', code: '%r', value: (p) => String(p.pgid) },
  etime: { header: 'ELAPSED', code: '%t', value: (p, facts) => goDuration((facts.now - startOf(p, facts)) * 1e6) },
  ruser: { header: 'RUSER', code: '%u', value: (p, { identity }) => identity.user(id(p, 'Uid', 0)) },
  time: { header: 'TIME', code: '%x', value: (p) => goDuration(cpuSeconds(p) * 1e9) },
  tty: { header: 'TTY', code: '%y', value: (p) => terminalName(Number(stat(p, 7))) },
  vsz: { header: 'VSZ', code: '%z', value: (p) => String(Math.floor(Number(stat(p, 23)) / 1024)) },
  capamb: { header: 'AMBIENT CAPS', value: (p) => capabilities(p.status.get('CapAmb')) },
  capinh: { header: 'INHERITED CAPS', value: (p) => capabilities(p.status.get('CapInh')) },
  capprm: { header: 'PERMITTED CAPS', value: (p) => capabilities(p.status.get('CapPrm')) },
  capeff: { header: 'EFFECTIVE CAPS', value: (p) => capabilities(p.status.get('CapEff')) },
  capbnd: { header: 'BOUNDING CAPS', value: (p) => capabilities(p.status.get('CapBnd')) },
  seccomp: {
    header: 'SECCOMP',
    value: (p) => ['disabled', 'strict', 'filter'][Number(p.status.get('Seccomp') ?? -1)] ?? '?',
  },
  label: { header: 'LABEL', value: (p) => p.label },
  hpid: { header: 'HPID', value: (p) => String(p.hostPid) },
  huser: { header: 'HUSER', value: (p, { identity }) => identity.hostUser(id(p, 'Uid', 1)) },
  huid: { header: 'HUID', value: (p) => id(p, 'Uid', 1) },
  hgroup: { header: 'HGROUP', value: (p, { identity }) => identity.hostGroup(id(p, 'Gid', 1)) },
  hgroups: { header: 'HGROUPS', value: (p, { identity }) => ids(p, 'Groups').map(identity.hostGroup).join(',') },
  rss: { header: 'RSS', value: (p) => String(Number(stat(p, 24)) * pageKilobytes) },
  state: { header: 'STATE', value: (p) => stat(p, 3) },
  stime: { header: 'STIME', value: (p, facts) => utcTime(startOf(p, facts)) },
};

/** To the second, as Podman counts. */
function startOf(process: TopProcess, { bootTime }: TopFacts): number {
  return bootTime + Math.floor(Number(stat(process, 22)) / ticksPerSecond) * 1000;
}

function cpuSeconds(process: TopProcess): number {
  return Math.floor((Number(stat(process, 14)) + Number(stat(process, 15))) / ticksPerSecond);
}

function cpuPercent(process: TopProcess, facts: TopFacts): string {
  const elapsed = (facts.now - startOf(process, facts)) / 1000;
  return elapsed > 0 ? ((100 * cpuSeconds(process)) / elapsed).toFixed(3) : '0.000';
}

function utcTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('T', ' ').replace(/\..*/, ' +0000 UTC');
}

/** Device number to the name below /dev. */
function terminalName(device: number): string {
  const major = (device >> 8) & 0xfff;
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return `pts/${minor + (major - 136) * 256}`;
  if (major === 4) return minor < 64 ? `tty${minor}` : `ttyS${minor - 64}`;
  return major === 5 && minor === 1 ? 'console' : '?';
}

const capabilityNames = (
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE ' +
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN ' +
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE ' +
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
).split(' ');
const allCapabilities = (1n << BigInt(capabilityNames.length)) - 1n;

function capabilities(hex = '0'): string {
  const mask = BigInt(`0x${hex}`);
  if (mask === allCapabilities) return 'full';
  const names = Array.from({ length: 64 }, (_, bit) =>
    mask & (1n << BigInt(bit)) ? (capabilityNames[bit] ?? 'unknown') : '',
  );
  return names.filter(Boolean).sort().join(',') || 'none';
}
