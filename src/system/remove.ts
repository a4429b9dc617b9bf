import { availableParallelism } from 'node:os';
import { native } from './native.ts';

/**
 * Deletes what is in a folder, off the JavaScript thread: no link is followed and nothing of another file system or
 * mount is touched. False when something stays: it lies deeper than 200 folders, is mounted, or may not be deleted.
 */
export async function emptied(path: string): Promise<boolean> {
  const threads = Math.min(availableParallelism(), 4);
  const rc = await new Promise<number>((resolve) => native().emptyFolder(path, threads, resolve));
  return rc === 0;
}
