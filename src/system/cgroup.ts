/** What the machine's control groups are and can do. Everything is read when it is asked for, once. */
import { existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs';

export interface CgroupFacts {
  /** 2 only when everything is on cgroup v2 ("unified"); a machine with v1 controllers counts as 1. */
  readonly version: 1 | 2;
  /** v1 controllers with a v2 tree beside them. */
  readonly hybrid: boolean;
  /** Controllers that limits can use: `memory`, `cpu`, `pids`, `cpuset`, `blkio` (v1) or `io` (v2) and so on. */
  readonly controllers: readonly string[];
  /** True when the controller's interface file exists, for example `('memory', 'memory.memsw.limit_in_bytes')`. */
  hasFile(controller: string, file: string): boolean;
  /** Content of such a file without the final newline, '' when there is none. */
  readFile(controller: string, file: string): string;
}

/** Where the kernel's cgroups are mounted. */
export const cgroupRoot = '/sys/fs/cgroup';
const cgroup2Magic = 0x63677270;

/** @param user whose limits are meant: null for root, else what systemd delegates to that user (nothing on v1) */
export function cgroupFacts(root: string = cgroupRoot, user: number | null = null): CgroupFacts {
  return isCgroup2(root) ? new CgroupV2(root, user) : new CgroupV1(root, user !== null);
}

class CgroupV2 implements CgroupFacts {
  readonly version = 2;
  readonly hybrid = false;
  readonly #root: string;
  readonly #user: number | null;
  #controllers: readonly string[] | undefined;

  constructor(root: string, user: number | null) {
    this.#root = root;
    this.#user = user;
  }

  get controllers(): readonly string[] {
    const slice = this.#user === null ? '' : `/user.slice/user-${this.#user}.slice/user@${this.#user}.service`;
    this.#controllers ??= read(`${this.#root}${slice}/cgroup.controllers`).split(' ').filter(Boolean);
    return this.#controllers;
  }

  /** The root group has no limit files: this process's own group is asked. */
  hasFile(_controller: string, file: string): boolean {
    return existsSync(`${this.#root}${ownCgroupV2()}/${file}`);
  }

  readFile(_controller: string, file: string): string {
    return read(`${this.#root}${ownCgroupV2()}/${file}`) || read(`${this.#root}/${file}`);
  }
}

class CgroupV1 implements CgroupFacts {
  readonly version = 1;
  readonly #root: string;
  readonly #isUser: boolean;
  #controllers: readonly string[] | undefined;

  constructor(root: string, isUser: boolean) {
    this.#root = root;
    this.#isUser = isUser;
  }

  get hybrid(): boolean {
    return isCgroup2(`${this.#root}/unified`);
  }

  get controllers(): readonly string[] {
    if (this.#isUser) return [];
    this.#controllers ??= list(this.#root).flatMap((name) => (notControllers.has(name) ? [] : name.split(',')));
    return this.#controllers;
  }

  hasFile(controller: string, file: string): boolean {
    return existsSync(`${this.#root}/${controller}/${file}`);
  }

  readFile(controller: string, file: string): string {
    return read(`${this.#root}/${controller}/${file}`);
  }
}

const notControllers = new Set(['unified', 'systemd', 'elogind', 'openrc']);

/** This process's group on the v2 tree: `/` or `/user.slice/…`. */
export function ownCgroupV2(text: string = read('/proc/self/cgroup')): string {
  const path = /^0::(.*)$/m.exec(text)?.[1] ?? '/';
  return path === '/' ? '' : path;
}

/** This process's group of one v1 controller, or of the v2 tree when `controller` is ''. */
export function ownCgroup(controller: string, text: string = read('/proc/self/cgroup')): string {
  for (const line of text.split('\n')) {
    const [, names = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (path && (controller === '' ? names === '' : names.split(',').includes(controller))) return path;
  }
  return '/';
}

function isCgroup2(path: string): boolean {
  try {
    return statfsSync(path).type === cgroup2Magic;
  } catch {
    return false;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').trimEnd();
  } catch {
    return '';
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
