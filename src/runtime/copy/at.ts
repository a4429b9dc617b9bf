/** Names below an open folder: the kernel starts at the fd, whatever became of the folder's path meanwhile. */
import { closeSync, constants, fstatSync, openSync, type Stats } from 'node:fs';
import { openInRoot } from '../../system/safe-path.ts';

const pathOnly = 0o10000000; // O_PATH

/** The path of one name in an open folder. Only for calls that do not follow a link at the end. */
export function at(folder: number, name: string): Buffer {
  return Buffer.from(`/proc/self/fd/${folder}/${name}`, 'latin1');
}

/** What an fd stands for, as a path: for calls that follow this link and nothing else. */
export function self(fd: number): string {
  return `/proc/self/fd/${fd}`;
}

/** The thing itself, links not followed; nothing is opened that would act by being opened (O_PATH). */
export function pin(folder: number, name: string): { fd: number; stat: Stats } {
  return withStat(openSync(at(folder, name), pathOnly | constants.O_NOFOLLOW));
}

/** As pin, links followed inside the root. `path` is bytes as latin1. */
export function pinInRoot(root: number, path: string, flags = 0): { fd: number; stat: Stats } {
  return withStat(openInRoot(self(root), Buffer.from(path.replace(/^\/+/, '') || '.', 'latin1'), pathOnly | flags));
}

function withStat(fd: number): { fd: number; stat: Stats } {
  try {
    return { fd, stat: fstatSync(fd) };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}
