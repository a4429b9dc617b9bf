/** Processes of a container as /proc of the host shows them, with ids translated to the container's namespaces. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** One process. Strings are as /proc has them; missing numbers are 0. */
export interface TopProcess {
  hostPid: number;
  /** In the container's pid namespace. */
  pid: number;
  ppid: number;
  pgid: number;
  /** Fields of /proc/PID/status. */
  status: ReadonlyMap<string, string>;
  /** Fields of /proc/PID/stat from the state on: index 0 is field 3 of proc(5). */
  stat: readonly string[];
  comm: string;
  args: readonly string[];
  label: string;
}

/** The processes that share the pid namespace of `init` (host pid), by their pid. Who ends meanwhile is left out. */
export function containerProcesses(init: number): TopProcess[] {
  const namespace = linkOf(init);
  if (namespace === null) return [];
  const depth = namespaceIds(statusOf(init), 'NSpid').length;
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => linkOf(pid) === namespace)
    .flatMap((pid) => readProcess(pid, depth) ?? []);
  return withParents(found).sort((a, b) => a.pid - b.pid);
}

function linkOf(pid: number): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return null;
  }
}

function readProcess(hostPid: number, depth: number): TopProcess | null {
  try {
    const status = statusOf(hostPid);
    const text = readFileSync(`/proc/${hostPid}/stat`, 'utf8');
    // The name may hold anything, brackets and spaces included.
    const end = text.lastIndexOf(')');
    return {
      hostPid,
      pid: namespaceIds(status, 'NSpid')[depth - 1] ?? hostPid,
      ppid: Number(status.get('PPid') ?? 0),
      pgid: namespaceIds(status, 'NSpgid')[depth - 1] ?? 0,
      status,
      stat: text
        .slice(end + 2)
        .trim()
        .split(' '),
      comm: text.slice(text.indexOf('(') + 1, end),
      args: readFileSync(`/proc/${hostPid}/cmdline`, 'utf8').replace(/\0$/, '').split('\0'),
      label: labelOf(hostPid),
    };
  } catch {
    return null;
  }
}

/** A parent outside the namespace is 0, as seen from inside. */
function withParents(processes: TopProcess[]): TopProcess[] {
  const pids = new Map(processes.map(({ hostPid, pid }) => [hostPid, pid]));
  return processes.map((process) => ({ ...process, ppid: pids.get(process.ppid) ?? 0 }));
}

function statusOf(pid: number): Map<string, string> {
  const lines = readFileSync(`/proc/${pid}/status`, 'utf8').split('\n');
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
}

function namespaceIds(status: ReadonlyMap<string, string>, key: string): number[] {
  return (status.get(key) ?? '').split(/\s+/).filter(Boolean).map(Number);
}

function labelOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/attr/current`, 'utf8').replace(/[\0\n]+$/, '') || '?';
  } catch {
    return '?'; // no security module
  }
}
