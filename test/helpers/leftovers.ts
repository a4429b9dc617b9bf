/** What a finished engine may not leave behind on the machine. */
import { readdirSync, readFileSync } from 'node:fs';
import { mountsBelow } from './tspod.ts';

/** Processes whose command line mentions this folder (monitors, runtimes, calls of tspod): `pid argv`. */
export function processesOf(dir: string): string[] {
  const found: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    const argv = readQuietly(`/proc/${pid}/cmdline`).split('\0').join(' ');
    if (argv.includes(dir)) found.push(`${pid} ${argv}`);
  }
  return found;
}

/** Everything that still belongs to an engine whose containers are all removed: mounts and processes. */
export function leftovers(dir: string): string[] {
  return [...mountsBelow(dir).filter((target) => !target.endsWith('/root/overlay')), ...processesOf(dir)];
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // the process ended meanwhile
  }
}

/** Waits until `check` holds; fails after some seconds with what it was about. */
export async function until(what: string, check: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; ) {
    if (await check()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited ${seconds} s in vain until ${what}`);
}
