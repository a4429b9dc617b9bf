/** The list of containers as data: what `ps` prints. */
import { readlinkSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import type { Container, ContainerConfig, PortMapping } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { containerFilter } from './filters.ts';
import { externalEntries } from './ps-external.ts';
import { currentContainers } from './sync.ts';

export interface PsOptions {
  /** Not only running ones. */
  all?: boolean;
  /** The n created last, in any state. */
  last?: number;
  /** Containers of other tools in the same store. */
  external?: boolean;
  /** `KEY=VALUE` each. */
  filters?: readonly string[];
  size?: boolean;
  namespaces?: boolean;
  /** Names of pods too. */
  pods?: boolean;
}

/** One container; names as in Podman's JSON, which is what `--format json` prints. */
export interface PsEntry {
  AutoRemove: boolean;
  Command: string[];
  /** RFC 3339 with nanoseconds. */
  Created: string;
  CIDFile: string;
  Exited: boolean;
  /** Seconds since the epoch; year 1 for never. */
  ExitedAt: number;
  ExitCode: number;
  /** Port number to protocols. */
  ExposedPorts: Record<string, string[]> | null;
  Id: string;
  Image: string;
  ImageID: string;
  IsInfra: boolean;
  Labels: Record<string, string> | null;
  Mounts: string[];
  Names: string[];
  Namespaces: PsNamespaces;
  Networks: string[];
  Pid: number;
  Pod: string;
  PodName: string;
  Ports: PsPort[] | null;
  Restarts: number;
  Size: { rootFsSize: number; rwSize: number } | null;
  StartedAt: number;
  State: string;
  /** Of the health check; '' without one. */
  Status: string;
}

export interface PsNamespaces {
  Mnt?: string;
  Cgroup?: string;
  Ipc?: string;
  Net?: string;
  Pidns?: string;
  Uts?: string;
  User?: string;
}

export interface PsPort {
  host_ip: string;
  container_port: number;
  host_port: number;
  range: number;
  protocol: string;
}

export const psSorts = ['command', 'created', 'id', 'image', 'names', 'runningfor', 'size', 'status'] as const;
export type PsSort = (typeof psSorts)[number] | 'pod';

/** Oldest first. BAD_ARGUMENT for a filter that is none. */
export async function listContainers(rt: RuntimeContext, options: PsOptions = {}): Promise<PsEntry[]> {
  const { filters = [], last = 0 } = options;
  const byStatus = filters.some((filter) => filter.startsWith('status='));
  const all = options.all || last > 0 || byStatus;
  const fits = containerFilter(rt, filters);
  const found = (await currentContainers(rt))
    .filter((container) => (all || container.state.status === 'running') && fits(container))
    .sort((a, b) => compare(a.config.created, b.config.created));
  const chosen = last > 0 ? found.slice(-last) : found;
  const names = options.pods ? podNames(rt) : new Map<string, string>();
  const entries = chosen.map((container) => ({
    ...entryOf(rt, container, options),
    PodName: names.get(container.config.pod) ?? '',
  }));
  return options.external ? sortEntries([...entries, ...externalEntries(rt, filters)], 'created') : entries;
}

/** Id to name. */
function podNames(rt: RuntimeContext): Map<string, string> {
  const rows = rt.state.statement('SELECT id, name FROM pods').all();
  return new Map(rows.map(({ id, name }) => [String(id), String(name)]));
}

/** A new, sorted list. */
export function sortEntries(entries: PsEntry[], by: PsSort): PsEntry[] {
  const key = sortKeys[by];
  return [...entries].sort((a, b) => compare(key(a), key(b)));
}

const sortKeys: Record<PsSort, (entry: PsEntry) => string | number> = {
  command: (entry) => entry.Command.join(' '),
  created: (entry) => entry.Created,
  id: (entry) => entry.Id,
  image: (entry) => entry.Image,
  names: (entry) => entry.Names[0] ?? '',
  pod: (entry) => entry.Pod,
  runningfor: (entry) => entry.StartedAt,
  size: (entry) => entry.Size?.rootFsSize ?? 0,
  status: (entry) => entry.State,
};

function compare(a: string | number, b: string | number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function entryOf(rt: RuntimeContext, container: Container, options: PsOptions): PsEntry {
  const { config, state } = container;
  const owner = networkOwner(rt, config);
  return {
    AutoRemove: config.autoRemove,
    Command: config.command,
    Created: config.created,
    CIDFile: config.cidFile,
    Exited: state.status === 'exited',
    ExitedAt: epochSeconds(state.finishedAt),
    ExitCode: state.exitCode,
    ExposedPorts: exposedPorts(config.exposedPorts),
    Id: config.id,
    Image: config.imageName,
    ImageID: config.imageId,
    IsInfra: config.infra !== undefined,
    Labels: Object.keys(config.labels).length > 0 ? config.labels : null,
    Mounts: [...config.volumes.map((volume) => volume.destination), ...bindTargets(container)],
    Names: [config.name],
    Namespaces: options.namespaces ? namespacesOf(state.pid) : {},
    Networks: Object.keys(owner.networks),
    Pid: state.pid,
    Pod: config.pod,
    PodName: '',
    Ports: owner.ports.length > 0 ? owner.ports.map(toPort) : null,
    Restarts: state.restartCount,
    Size: options.size ? sizeOf(rt, container) : null,
    StartedAt: epochSeconds(state.startedAt),
    State: state.status,
    Status: state.health.status,
  };
}

/** The container whose network this one uses: its ports and networks are shown. */
export function networkOwner(rt: Pick<RuntimeContext, 'state'>, config: ContainerConfig): ContainerConfig {
  if (config.network.mode !== 'container') return config;
  return rt.state.get(config.network.id)?.config ?? config;
}

function bindTargets({ config }: Container): string[] {
  return config.mounts.flatMap(({ type, destination }) => (type === 'bind' ? [destination] : []));
}

/** Go's zero time, year 1, for what never happened. */
function epochSeconds(time: string): number {
  return time === '' ? -62135596800 : Math.floor(Date.parse(time) / 1000);
}

function exposedPorts(ports: string[]): Record<string, string[]> | null {
  if (ports.length === 0) return null;
  const result: Record<string, string[]> = {};
  for (const port of ports) {
    const [number = '', protocol = 'tcp'] = port.split('/');
    result[number] = [...(result[number] ?? []), protocol];
  }
  return result;
}

function toPort({ hostIp, containerPort, hostPort, range, protocol }: PortMapping): PsPort {
  return { host_ip: hostIp, container_port: containerPort, host_port: hostPort, range, protocol };
}

function sizeOf(rt: RuntimeContext, { config }: Container): PsEntry['Size'] {
  if (config.rootfs !== '') return { rootFsSize: 0, rwSize: 0 };
  try {
    const { rw, rootfs } = rt.store.containerSize(config.id);
    return { rootFsSize: rootfs, rwSize: rw };
  } catch (error) {
    if (error instanceof TspodError) return { rootFsSize: 0, rwSize: 0 };
    throw error;
  }
}

/** The numbers in the links of /proc/PID/ns; nothing for a container without a process. */
function namespacesOf(pid: number): PsNamespaces {
  if (pid === 0) return {};
  const read = (kind: string): string => {
    try {
      return /\[(.*)\]/.exec(readlinkSync(`/proc/${pid}/ns/${kind}`))?.[1] ?? '';
    } catch {
      return ''; // it ended meanwhile
    }
  };
  return {
    Mnt: read('mnt'),
    Cgroup: read('cgroup'),
    Ipc: read('ipc'),
    Net: read('net'),
    Pidns: read('pid'),
    Uts: read('uts'),
    User: read('user'),
  };
}
