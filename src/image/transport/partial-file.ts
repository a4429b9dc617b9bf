/** Files that are not complete yet, and what a killed call left of them. */
import { readdirSync, rmSync } from 'node:fs';

const pattern = /^\.tspod-(\d+)-\d+\.part$/;

let count = 0;

/** A path for a new file in a folder. */
export function partialFile(folder: string): string {
  return `${folder}/.tspod-${process.pid}-${count++}.part`;
}

/** Removes those of calls that are no more. Best effort: what cannot be removed disturbs nobody. */
export function removeAbandoned(folder: string): void {
  try {
    for (const name of readdirSync(folder)) {
      const pid = Number(pattern.exec(name)?.[1] ?? 0);
      if (pid > 0 && !isAlive(pid)) rmSync(`${folder}/${name}`, { force: true });
    }
  } catch {
    // Another user's folder, or one that cannot be listed: the copy itself will say what is wrong.
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
