/** What containers use: one measurement, or the difference to an earlier one. */
import { readFileSync } from 'node:fs';
import { totalmem } from 'node:os';
import type { Container } from './container.ts';
import { cgroupCounters } from './stats-cgroup.ts';

export interface ContainerStats {
  AvgCPU: number;
  ContainerID: string;
  Name: string;
  /** Percent of one CPU since the last measurement. */
  CPU: number;
  CPUNano: number;
  SystemNano: number;
  MemUsage: number;
  MemLimit: number;
  MemPerc: number;
  NetInput: number;
  NetOutput: number;
  BlockInput: number;
  BlockOutput: number;
  PIDs: number;
  /** CPU time in nanoseconds. */
  UpTime: number;
}

/** Zeros for a container that does not run. Without `previous` the CPU's share is that since the start. */
export function measure({ config, state }: Container, previous?: ContainerStats): ContainerStats {
  const runs = state.pid > 0 && (state.status === 'running' || state.status === 'paused');
  const counters = runs ? cgroupCounters(state.pid) : null;
  const now = Date.now() * 1e6;
  const started = Date.parse(state.startedAt) * 1e6;
  const cpu = counters?.cpu ?? 0;
  // Fewer nanoseconds than before: it was restarted in a new group.
  const before = previous && previous.CPUNano <= cpu && previous.SystemNano > 0 ? previous : null;
  const limit = Math.min(counters?.memoryLimit ?? 0, totalmem());
  const network = runs ? networkBytes(state.pid) : { received: 0, sent: 0 };
  const average = percent(cpu, now - started);
  return {
    AvgCPU: runs ? average : 0,
    ContainerID: config.id,
    Name: config.name,
    CPU: before ? percent(cpu - before.CPUNano, now - before.SystemNano) : runs ? average : 0,
    CPUNano: cpu,
    SystemNano: now,
    MemUsage: counters?.memory ?? 0,
    MemLimit: limit,
    MemPerc: percent(counters?.memory ?? 0, limit),
    NetInput: network.received,
    NetOutput: network.sent,
    BlockInput: counters?.blockRead ?? 0,
    BlockOutput: counters?.blockWritten ?? 0,
    PIDs: counters?.pids ?? 0,
    UpTime: cpu,
  };
}

function percent(part: number, whole: number): number {
  return whole > 0 && part > 0 ? (part / whole) * 100 : 0;
}

/** All interfaces of the process's network namespace but loopback. */
function networkBytes(pid: number): { received: number; sent: number } {
  const total = { received: 0, sent: 0 };
  for (const line of netDev(pid).split('\n').slice(2)) {
    const [name = '', numbers = ''] = line.split(':');
    if (name.trim() === 'lo' || numbers === '') continue;
    const fields = numbers.trim().split(/\s+/).map(Number);
    total.received += fields[0] ?? 0;
    total.sent += fields[8] ?? 0;
  }
  return total;
}

function netDev(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/net/dev`, 'utf8');
  } catch {
    return '';
  }
}
