/** `system reset`: the whole store goes. */
import { readdirSync, rmdirSync } from 'node:fs';
import { hasErrno } from '../errors.ts';
import { runAsync } from '../system/spawn.ts';
import { finishUnmount } from './mount-home.ts';
import { underLock } from './store-lock.ts';
import type { StoreParts } from './store-parts.ts';

/**
 * Undoes all mounts of layers and deletes what is in graph root and run root. Containers run no more when this is
 * called. What is mounted below by others stays, with what is in it.
 */
export async function destroyStore(parts: StoreParts): Promise<void> {
  const { own } = parts.homes;
  underLock(own.storageLock, () => {
    for (const { path } of parts.mounts.recorded()) finishUnmount(path);
    finishUnmount(own.home);
  });
  for (const root of [own.graphRoot, own.runRoot]) await empty(root);
}

async function empty(root: string): Promise<void> {
  const paths = list(root).map((name) => `${root}/${name}`);
  if (paths.length > 0) await runAsync({ file: 'rm', args: ['-rf', '--one-file-system', '--', ...paths] });
  try {
    rmdirSync(root);
  } catch (error) {
    // A root that is a mount point itself stays, empty.
    if (!hasErrno(error, 'EBUSY', 'ENOTEMPTY', 'ENOENT')) throw error;
  }
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
