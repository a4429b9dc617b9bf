/** What a container with a user namespace of its own must be able to read: its root is nobody for the engine's files. */
import { chmodSync, chownSync, lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno } from '../errors.ts';
import type { ContainerConfig } from './container.ts';
import type { SpecFiles } from './spec/input.ts';
import { outside } from './spec/userns.ts';

export interface UsernsFiles {
  files: SpecFiles;
  /** Root file system, folders of the container, volumes. */
  folders: string[];
}

/** Gives the engine's files to the container's root, and lets others pass through the folders on the way to it. */
export function openToContainer(config: ContainerConfig, { files, folders }: UsernsFiles): void {
  const { uid, gid } = outside(config, { uid: 0, gid: 0 });
  for (const path of Object.values(files)) if (typeof path === 'string') ignoreMissing(() => chownSync(path, uid, gid));
  for (const folder of folders) letPass(folder, uid);
}

/** Up to `/`; what is not this user's to change stays. The group may be the one that is mapped, so it passes too. */
function letPass(path: string, uid: number): void {
  for (let folder = path; folder !== '/'; folder = dirname(folder)) {
    const stat = ignoreMissing(() => lstatSync(folder));
    if (!stat?.isDirectory() || canPass(stat, uid)) continue;
    try {
      chmodSync(folder, (stat.mode & 0o7777) | 0o11);
    } catch (error) {
      if (!hasErrno(error, 'EPERM', 'EROFS')) throw error;
    }
  }
}

function canPass(stat: Stats, uid: number): boolean {
  return stat.uid === uid || (stat.mode & 0o11) === 0o11;
}

function ignoreMissing<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined;
    throw error;
  }
}
