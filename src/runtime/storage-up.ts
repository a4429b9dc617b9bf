/** The root file system and the named volumes of a container: made ready before a start, released after the end. */
import { chmodSync, lchownSync, readdirSync, statSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { resolveInRoot } from '../system/safe-path.ts';
import { run } from '../system/spawn.ts';
import type { ContainerConfig, NamedVolume } from './container.ts';
import type { RuntimeContext } from './context.ts';

/** Mounts the root file system and fills new volumes. Returns the path of the root file system. */
export function storageUp(rt: RuntimeContext, config: ContainerConfig): string {
  const rootfs = config.rootfs || rt.store.mountContainer(config.id);
  for (const volume of config.volumes) volumeUp(rt, config.id, volume, rootfs);
  return rootfs;
}

/** Unmounts the root file system. Idempotent. */
export function storageDown(rt: RuntimeContext, config: ContainerConfig): void {
  if (!config.rootfs) rt.store.unmountContainer(config.id, { force: true });
  for (const { name } of config.volumes) rt.store.unmountVolume(name, config.id);
}

/** Where the content of a named volume lives. */
export function volumePath(rt: RuntimeContext, name: string): string {
  return `${rt.paths.volumeDir}/${name}/_data`;
}

/** A volume that is still empty takes over what the image has at its place, with owner and mode. */
function volumeUp(rt: RuntimeContext, id: string, volume: NamedVolume, rootfs: string): void {
  const target = rt.store.mountVolume(volume.name, id);
  if (volume.options.includes('nocopy') || !isEmptyFolder(target)) return;
  const source = resolveInRoot(rootfs, volume.destination);
  const stat = statSync(source, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return;
  if (readdirSync(source).length > 0) {
    copyTree(source, target);
    rt.store.volumeFilled(volume.name, stat.uid, stat.gid);
  }
  lchownSync(target, stat.uid, stat.gid);
  chmodSync(target, stat.mode & 0o7777);
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
