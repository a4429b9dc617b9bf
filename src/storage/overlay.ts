/** Mounting layers with overlayfs. */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { hasErrno, messageOf, TspodError } from '../errors.ts';
import { mountOverlay } from '../system/mount.ts';
import { findLayerFolder, type LayerHomes, lowerFolders, maxLowers } from './layer-folder.ts';

export interface MountLayerOptions {
  /** Comma-separated, from storage.conf. */
  mountopt: string;
  /** Nothing of it needs to outlive a crash: overlayfs then never waits for the disk. */
  volatile?: boolean;
  /** Content of the layer itself cannot be changed: images. */
  readOnly?: boolean;
}

/**
 * Where a layer is mounted: in its folder, or in the run root when it lives in a read-only store.
 * @throws CORRUPT_STORE when the layer has no folder
 */
export function mountTarget(homes: LayerHomes, id: string): string {
  const folder = findLayerFolder(homes, id);
  if (folder === null) throw new TspodError('CORRUPT_STORE', `layer "${id}": its folder is missing`);
  const isOwn = folder.startsWith(`${homes.own.overlay}/`);
  return isOwn ? `${folder}/merged` : `${homes.own.runRoot}/overlay/${id}/merged`;
}

/**
 * Mounts a layer with all that lies below it at its `mountTarget`.
 * @throws CORRUPT_STORE when a folder of the chain is gone, NO_PERMISSION
 */
export function mountLayer(homes: LayerHomes, id: string, options: MountLayerOptions): void {
  const target = mountTarget(homes, id);
  const folder = findLayerFolder(homes, id) ?? '';
  const own = folder.startsWith(`${homes.own.overlay}/`);
  if (!existsSync(target)) mkdirSync(target, { recursive: true, mode: 0o700 });
  const below = lowerFolders(homes, folder);
  const readOnly = options.readOnly === true || !own;
  const lowers = readOnly ? [`${folder}/diff`, ...below] : below;
  // Overlayfs wants two lower folders at least when there is no upper one.
  if (lowers.length < (readOnly ? 2 : 1)) lowers.push(emptyFolder(folder, own, target));
  if (lowers.length > maxLowers) throw new TspodError('CORRUPT_STORE', `mounting layer "${id}": max depth exceeded`);
  if (options.volatile) rmSync(`${folder}/work/work/incompat/volatile`, { recursive: true, force: true });
  const upper = readOnly ? {} : { upper: `${folder}/diff`, work: `${folder}/work` };
  try {
    mountOverlay({ target, lowers, ...upper, options: mountOptions(options, readOnly) });
  } catch (error) {
    throw explain(error, id, lowers);
  }
}

/**
 * metacopy is left out: with it the upper folder alone no longer says what a container changed. Podman ignores the
 * option too where the kernel lacks it.
 */
function mountOptions(options: MountLayerOptions, readOnly: boolean): string[] {
  const given = options.mountopt.split(',').filter((option) => option !== '' && !option.startsWith('metacopy='));
  if (readOnly) return [...given.filter((option) => option !== 'volatile'), 'ro'];
  return options.volatile && !given.includes('volatile') ? [...given, 'volatile'] : given;
}

function emptyFolder(folder: string, own: boolean, target: string): string {
  const path = own || existsSync(`${folder}/empty`) ? `${folder}/empty` : `${target}/../empty`;
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

function explain(error: unknown, id: string, lowers: string[]): unknown {
  const missing = lowers.find((lower) => !existsSync(lower));
  if (missing !== undefined) {
    return new TspodError('CORRUPT_STORE', `mounting layer "${id}": "${missing}" is missing`, { cause: error });
  }
  if (hasErrno(error, 'EPERM', 'EACCES')) {
    return new TspodError('NO_PERMISSION', `mounting layer "${id}": permission denied`, { cause: error });
  }
  return new TspodError('SYSTEM', `mounting layer "${id}": ${messageOf(error)}`, { cause: error });
}
