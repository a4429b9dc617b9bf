/** The working directory: made for an image that names one, required to exist with -w. */
import { closeSync, constants, fchownSync, fstatSync, mkdirSync } from 'node:fs';
import { posix } from 'node:path';
import { hasErrno, TspodError } from '../../errors.ts';
import { openInRoot } from '../../system/safe-path.ts';
import type { ContainerConfig } from '../container.ts';
import type { ProcessUser } from './user.ts';

/** @throws BAD_ARGUMENT when it is no directory, or is missing and not the image's */
export function ensureWorkDir(
  { config, rootfs }: { config: ContainerConfig; rootfs: string },
  owner: () => Pick<ProcessUser, 'uid' | 'gid'>,
): void {
  const { workDir, id } = config;
  if (workDir === '/' || isMounted(config)) return;
  const found = look(rootfs, workDir);
  if (found === 'directory') return;
  if (found === 'file') {
    throw new TspodError('BAD_ARGUMENT', `workdir "${workDir}" exists on container ${id}, but is not a directory`);
  }
  if (!config.createWorkDir) {
    throw new TspodError('BAD_ARGUMENT', `workdir "${workDir}" does not exist on container ${id}`);
  }
  create(rootfs, workDir, owner());
}

/** Below a mount the runtime finds it, or not; above one it makes the folder for the mount. */
function isMounted({ workDir, mounts, volumes, overlayVolumes = [], imageVolumes = [] }: ContainerConfig): boolean {
  const all = [...mounts, ...volumes, ...overlayVolumes, ...imageVolumes, ...engineMounts];
  const dir = `${workDir.replace(/\/+$/, '')}/`;
  return all.some(({ destination }) => dir.startsWith(`${destination}/`) || destination.startsWith(dir));
}

const engineMounts = ['/proc', '/sys', '/dev'].map((destination) => ({ destination }));

function look(rootfs: string, path: string): 'directory' | 'file' | 'missing' {
  try {
    const fd = openInRoot(rootfs, path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      return fstatSync(fd).isDirectory() ? 'directory' : 'file';
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return 'missing';
    if (hasErrno(error, 'ENOTDIR', 'ENXIO', 'ELOOP')) return 'file';
    throw error;
  }
}

/** Every step is opened inside the root, so that a link in the image leads nowhere else (CVE-2024-21626 and kin). */
function create(rootfs: string, path: string, { uid, gid }: Pick<ProcessUser, 'uid' | 'gid'>): void {
  const parts = posix.normalize(path).split('/').filter(Boolean);
  for (let length = 1; length <= parts.length; length += 1) {
    const here = parts.slice(0, length).join('/');
    const found = look(rootfs, here);
    if (found === 'file') throw new TspodError('BAD_ARGUMENT', `workdir "${path}": "/${here}" is not a directory`);
    if (found === 'missing')
      makeFolder(rootfs, { parent: parts.slice(0, length - 1).join('/') || '/', name: parts[length - 1] ?? '' });
  }
  const fd = openInRoot(rootfs, path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    fchownSync(fd, uid, gid);
  } finally {
    closeSync(fd);
  }
}

function makeFolder(rootfs: string, { parent, name }: { parent: string; name: string }): void {
  const fd = openInRoot(rootfs, parent, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    mkdirSync(`/proc/self/fd/${fd}/${name}`, { mode: 0o755 });
  } catch (cause) {
    if (!hasErrno(cause, 'EEXIST')) throw cause;
    // A link to something that does not exist.
    throw new TspodError('BAD_ARGUMENT', `workdir: "${posix.join('/', parent, name)}" is a broken link`, { cause });
  } finally {
    closeSync(fd);
  }
}
