/** Paths of /proc and /sys that a container must not read or write (Podman's lists). */
import { existsSync, readdirSync } from 'node:fs';
import { matchesGlob } from 'node:path';
import type { ContainerConfig } from '../container.ts';
import type { SpecInput } from './input.ts';
import { mayMountSysfs } from './userns.ts';

const masked = [
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
  '/proc/interrupts',
];

const readonly = ['/proc/asound', '/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

export function maskedPaths(input: SpecInput): string[] {
  const { config, host } = input;
  const added = config.mask.filter((path) => path.startsWith('/'));
  if (!config.privileged && host.rootless && !mayMountSysfs(input)) added.push('/sys/kernel');
  if (config.privileged) return added;
  return [...[...masked, ...thermalThrottle()].filter((path) => isKept(path, config.unmask)), ...added];
}

export function readonlyPaths(config: ContainerConfig): string[] {
  return config.privileged ? [] : readonly.filter((path) => isKept(path, config.unmask));
}

/** `ALL` unmasks everything; other values are paths or patterns, several joined by ":". */
function isKept(path: string, unmask: readonly string[]): boolean {
  const patterns = unmask.flatMap((value) => value.split(':'));
  return !patterns.some((pattern) => pattern.toLowerCase() === 'all' || pattern === path || fits(path, pattern));
}

function fits(path: string, pattern: string): boolean {
  return /[*?[]/.test(pattern) && matchesGlob(path, pattern);
}

/** Only some machines have these, one per CPU. Node's own glob costs more than the rest of the spec to load. */
function thermalThrottle(): string[] {
  const folder = '/sys/devices/system/cpu';
  if (!existsSync(`${folder}/cpu0/thermal_throttle`)) return [];
  const names = readdirSync(folder).filter((name) => /^cpu\d+$/.test(name));
  return names.map((name) => `${folder}/${name}/thermal_throttle`).filter((path) => existsSync(path));
}
