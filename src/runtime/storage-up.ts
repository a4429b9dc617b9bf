/** The root file system and the named volumes of a container: made ready before a start, released after the end. */
import { chmodSync, lchownSync, readdirSync, statSync } from 'node:fs';
import { hasErrno, TspodError } from '../errors.ts';
import { resolveInRoot } from '../system/safe-path.ts';
import { run } from '../system/spawn.ts';
import type { ContainerConfig, NamedVolume } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { imageVolumesDown } from './image-volumes.ts';
import { rootfsDown, rootfsUp } from './rootfs-up.ts';
import { shmDown } from './shm.ts';

/** Mounts the root file system and fills new volumes. Returns the path of the root file system. */
export function storageUp(rt: RuntimeContext, config: ContainerConfig): string {
  const rootfs = config.rootfs ? rootfsUp(rt, config) : rt.store.mountContainer(config.id);
  for (const volume of config.volumes) volumeUp(rt, config.id, volume, rootfs);
  return rootfs;
}

/** Unmounts the root file system. Idempotent. */
export function storageDown(rt: RuntimeContext, config: ContainerConfig): void {
  shmDown(rt, config);
  if (config.rootfs) rootfsDown(rt, config);
  else rt.store.unmountContainer(config.id, { force: true });
  if (config.imageVolumes?.length) imageVolumesDown(rt, config.id);
  for (const { name } of config.volumes) rt.store.unmountVolume(name, config.id);
}

/** Where the content of a named volume lives. */
export function volumePath(rt: RuntimeContext, name: string): string {
  return `${rt.paths.volumeDir}/${name}/_data`;
}

/** A new volume takes over what the image has at its place, with owner and mode. */
function volumeUp(rt: RuntimeContext, id: string, volume: NamedVolume, rootfs: string): void {
  const target = rt.store.mountVolume(volume.name, id);
  const source = folderIn(rootfs, volume.destination);
  if (source === null) return;
  const { needsCopyUp, needsChown } = rt.store.findVolume(volume.name);
  const stat = statSync(source);
  const isCopied = needsCopyUp && !volume.options.includes('nocopy') && isEmptyFolder(target);
  if (isCopied && readdirSync(source).length > 0) {
    copyTree(source, target);
    rt.store.volumeFilled(volume.name, stat.uid, stat.gid);
  }
  if (!needsChown) return;
  lchownSync(target, stat.uid, stat.gid);
  chmodSync(target, stat.mode & 0o7777);
}

/** A new volume whose place the image does not have belongs to the user of the container's process. */
export function ownVolumes(rt: RuntimeContext, config: ContainerConfig, rootfs: string, user: VolumeOwner): void {
  if (user.uid === 0 && user.gid === 0) return;
  for (const { name, destination } of config.volumes) {
    const volume = rt.store.volumeByName(name);
    if (volume?.needsChown && folderIn(rootfs, destination) === null) {
      lchownSync(volume.mountpoint, user.uid, user.gid);
    }
  }
}

export interface VolumeOwner {
  uid: number;
  gid: number;
}

/** The host's path of a folder of the container, or null. */
function folderIn(rootfs: string, path: string): string | null {
  try {
    const source = resolveInRoot(rootfs, path);
    return statSync(source).isDirectory() ? source : null;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

function isEmptyFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true && readdirSync(path).length === 0;
}

/** cp keeps everything there is to keep, and reads links as links; it never enters the container. */
function copyTree(source: string, target: string): void {
  const { status, stderr } = run({ file: 'cp', args: ['-a', '--reflink=auto', '--', `${source}/.`, `${target}/`] });
  if (status === 0) return;
  throw new TspodError('SYSTEM', `copying the image's content to volume "${target}": ${stderr.trim()}`);
}
