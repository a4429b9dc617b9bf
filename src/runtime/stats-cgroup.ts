/** Counters of a process's control group, v1 and v2. What cannot be read is 0. */
import { existsSync, readFileSync } from 'node:fs';

export interface CgroupCounters {
  /** Nanoseconds of CPU used since the start. */
  cpu: number;
  memory: number;
  /** Bytes; Infinity without one. */
  memoryLimit: number;
  pids: number;
  blockRead: number;
  blockWritten: number;
}

/** `pid` on the host. */
export function cgroupCounters(pid: number, root = '/sys/fs/cgroup'): CgroupCounters {
  const groups = groupsOf(pid);
  const unified = groups.get('') ?? '/';
  if (existsSync(`${root}/cgroup.controllers`)) return readV2(`${root}${unified}`);
  return readV1((controller) => {
    const found = [...groups].find(([names]) => names.split(',').includes(controller));
    if (!found) return '/nonexistent';
    const [names, path] = found;
    return `${existsSync(`${root}/${names}`) ? `${root}/${names}` : `${root}/${controller}`}${path}`;
  });
}

/** Controllers (joined by commas, '' is v2) to path. */
function groupsOf(pid: number): Map<string, string> {
  const lines = text(`/proc/${pid}/cgroup`).split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, names = '', path] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
      return path === undefined ? [] : [[names.replace(/^name=/, ''), path] as const];
    }),
  );
}

function readV2(folder: string): CgroupCounters {
  const io = text(`${folder}/io.stat`);
  return {
    cpu: field(text(`${folder}/cpu.stat`), 'usage_usec') * 1000,
    memory: number(`${folder}/memory.current`),
    memoryLimit: number(`${folder}/memory.max`) || Number.POSITIVE_INFINITY,
    pids: number(`${folder}/pids.current`),
    blockRead: sum(io, /rbytes=(\d+)/g),
    blockWritten: sum(io, /wbytes=(\d+)/g),
  };
}

function readV1(folder: (controller: string) => string): CgroupCounters {
  const io = text(`${folder('blkio')}/blkio.throttle.io_service_bytes_recursive`);
  return {
    cpu: number(`${folder('cpuacct')}/cpuacct.usage`),
    memory: number(`${folder('memory')}/memory.usage_in_bytes`),
    memoryLimit: number(`${folder('memory')}/memory.limit_in_bytes`) || Number.POSITIVE_INFINITY,
    pids: number(`${folder('pids')}/pids.current`),
    blockRead: sum(io, /Read (\d+)/g),
    blockWritten: sum(io, /Write (\d+)/g),
  };
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function number(path: string): number {
  const value = Number(text(path).trim());
  return Number.isFinite(value) ? value : 0;
}

function field(content: string, name: string): number {
  return Number(new RegExp(`^${name} (\\d+)`, 'm').exec(content)?.[1] ?? 0);
}

function sum(content: string, pattern: RegExp): number {
  return [...content.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
}
