/** Facts of the machine that only `info` shows. Read from /proc and /etc; no program is started. */
import { readFileSync } from 'node:fs';

export interface Distribution {
  distribution: string;
  variant?: string;
  version: string;
  codename?: string;
}

/** From /etc/os-release. */
export function distribution(text: string = read('/etc/os-release')): Distribution {
  const value = (key: string) => new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]?.replaceAll('"', '');
  const variant = value('VARIANT_ID');
  const codename = value('VERSION_CODENAME');
  return {
    distribution: value('ID') ?? 'unknown',
    ...(variant === undefined ? {} : { variant }),
    version: value('VERSION_ID') ?? 'unknown',
    ...(codename === undefined ? {} : { codename }),
  };
}

/** Bytes. */
export function memory(): { memFree: number; memTotal: number; swapFree: number; swapTotal: number } {
  const text = read('/proc/meminfo');
  const bytes = (key: string) => Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0) * 1024;
  return {
    memFree: bytes('MemFree'),
    memTotal: bytes('MemTotal'),
    swapFree: bytes('SwapFree'),
    swapTotal: bytes('SwapTotal'),
  };
}

/** Since the machine started, in per cent with two decimals. */
export function cpuUtilization(): { userPercent: number; systemPercent: number; idlePercent: number } {
  const times = (read('/proc/stat').split('\n')[0] ?? '').trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, , system = 0, idle = 0] = times;
  const total = times.reduce((sum, time) => sum + time, 0) || 1;
  const percent = (time: number) => Math.round((time / total) * 10_000) / 100;
  return { userPercent: percent(user), systemPercent: percent(system), idlePercent: percent(idle) };
}

/** `25h 3m 7.00s (Approximately 1.04 days)` */
export function uptime(seconds: number = Number.parseFloat(read('/proc/uptime'))): string {
  const whole = Math.floor(seconds || 0);
  const hours = Math.floor(whole / 3600);
  const text = `${hours}h ${Math.floor(whole / 60) % 60}m ${(whole % 60).toFixed(2)}s`;
  return hours > 0 ? `${text} (Approximately ${(hours / 24).toFixed(2)} days)` : text;
}

export function kernelRelease(): string {
  return read('/proc/sys/kernel/osrelease').trim();
}

/** The mapping that this process lives in; null where it is the machine's own. */
export function idMap(kind: 'uid' | 'gid'): { container_id: number; host_id: number; size: number }[] | null {
  const rows = read(`/proc/self/${kind}_map`)
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  if (rows.length === 1 && rows[0]?.[2] === 4_294_967_295) return null;
  return rows.map(([container_id = 0, host_id = 0, size = 0]) => ({ container_id, host_id, size }));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
