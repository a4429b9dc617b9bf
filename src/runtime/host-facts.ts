/** What a container's configuration depends on in this machine and this process. Tests pass a plain object instead. */
import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { callerUid, isRootless } from '../config/rootless.ts';
import { type CgroupFacts, cgroupFacts, cgroupRoot } from '../system/cgroup.ts';
import { type IdMaps, ownIdMaps } from '../system/userns.ts';
import { capabilityNames } from './spec/capability-names.ts';

export interface RlimitFact {
  /** Infinity without limit. */
  soft: number;
  hard: number;
}

export interface HostFacts {
  readonly cgroup: CgroupFacts;
  /** Names of this process's bounding set, with CAP_. */
  readonly boundingCaps: readonly string[];
  /** By lower-case name: `nofile`, `nproc` and so on. */
  readonly rlimits: Readonly<Record<string, RlimitFact>>;
  /** Not root, or root of a user namespace only. */
  readonly rootless: boolean;
  /** The ids that this process's user namespace has; null for all. */
  readonly userns: IdMaps | null;
  /** Of this process. */
  readonly oomScoreAdj: number;
  readonly seccomp: boolean;
  readonly apparmor: boolean;
  readonly selinux: boolean;
  /** As Go names it: `amd64`. */
  readonly arch: string;
  /** Major and minor number. */
  readonly kernel: readonly [number, number];
  readonly hostname: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Lists of the kernel such as `0-3`. */
  readonly cpus: string;
  readonly memoryNodes: string;
}

/** The facts of this machine; each is read on first use. */
export function hostFacts(): HostFacts {
  return new MachineFacts();
}

class MachineFacts implements HostFacts {
  #cgroup: CgroupFacts | undefined;
  #status: string | undefined;
  #rlimits: Record<string, RlimitFact> | undefined;

  get cgroup(): CgroupFacts {
    this.#cgroup ??= cgroupFacts(cgroupRoot, this.rootless ? callerUid() : null);
    return this.#cgroup;
  }

  get boundingCaps(): readonly string[] {
    const mask = BigInt(`0x${/^CapBnd:\s*([0-9a-f]+)$/m.exec(this.#ownStatus())?.[1] ?? '0'}`);
    return capabilityNames.filter((_, bit) => (mask >> BigInt(bit)) & 1n);
  }

  get rlimits(): Record<string, RlimitFact> {
    this.#rlimits ??= parseLimits(read('/proc/self/limits'));
    return this.#rlimits;
  }

  get rootless(): boolean {
    return isRootless();
  }

  get userns(): IdMaps | null {
    return ownIdMaps();
  }

  get oomScoreAdj(): number {
    return Number(read('/proc/self/oom_score_adj'));
  }

  get seccomp(): boolean {
    return /^Seccomp:/m.test(this.#ownStatus());
  }

  get apparmor(): boolean {
    return read('/sys/module/apparmor/parameters/enabled').startsWith('Y');
  }

  get selinux(): boolean {
    return existsSync('/sys/fs/selinux/enforce');
  }

  get arch(): string {
    return { x64: 'amd64', ia32: '386', mips64el: 'mips64le' }[process.arch as string] ?? process.arch;
  }

  get kernel(): readonly [number, number] {
    const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(read('/proc/sys/kernel/osrelease')) ?? [];
    return [Number(major), Number(minor)];
  }

  get hostname(): string {
    return hostname();
  }

  get env(): NodeJS.ProcessEnv {
    return process.env;
  }

  get cpus(): string {
    return read('/sys/devices/system/cpu/online');
  }

  get memoryNodes(): string {
    return read('/sys/devices/system/node/online') || '0';
  }

  #ownStatus(): string {
    this.#status ??= read('/proc/self/status');
    return this.#status;
  }
}

/** Names in /proc/PID/limits to those of ulimit. */
const limitNames: Record<string, string> = {
  'Max core file size': 'core',
  'Max cpu time': 'cpu',
  'Max data size': 'data',
  'Max file size': 'fsize',
  'Max file locks': 'locks',
  'Max locked memory': 'memlock',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max open files': 'nofile',
  'Max processes': 'nproc',
  'Max resident set': 'rss',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
  'Max pending signals': 'sigpending',
  'Max stack size': 'stack',
  'Max address space': 'as',
};

/** Reads the text of /proc/PID/limits. */
export function parseLimits(text: string): Record<string, RlimitFact> {
  const limits: Record<string, RlimitFact> = {};
  for (const line of text.split('\n')) {
    const [, label = '', soft = '', hard = ''] = /^(Max .*?)\s{2,}(\S+)\s+(\S+)/.exec(line) ?? [];
    const name = limitNames[label];
    if (name) limits[name] = { soft: limitValue(soft), hard: limitValue(hard) };
  }
  return limits;
}

function limitValue(text: string): number {
  return text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch {
    return '';
  }
}
