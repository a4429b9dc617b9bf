/** The driver `overlay`: each layer is a folder of changes; overlayfs puts them on each other. */
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { hasErrno, messageOf, TspodError } from '../errors.ts';
import { isMountpoint, mountOverlay } from '../system/mount.ts';
import type { AdoptLayer, Driver, LayerHomes, MountLayerOptions } from './driver.ts';
import {
  findLayerFolder,
  finishFolder,
  lowerFolders,
  makeWritableFolder,
  maxLowers,
  type ParentChain,
  readChain,
  takeFolder,
} from './layer-folder.ts';
import { finishUnmount } from './mount-home.ts';
import { findMountProgram, mountByProgram, rememberedProgram } from './mount-program.ts';
import { folderSize } from './size.ts';

export const overlay: Driver = {
  name: 'overlay',
  mounts: true,
  isWhole: false,
  find: findLayerFolder,
  partsOf: (layer) => ['diff', 'link', ...(layer.parent ? ['lower'] : [])],
  contents: (homes, folder) => [`${folder}/diff`, ...lowerFolders(homes, folder)],
  describe: (folder, parents) => ({
    ...(parents.length > 0 ? { LowerDir: parents.map((parent) => `${parent}/diff`).join(':') } : {}),
    UpperDir: `${folder}/diff`,
    WorkDir: `${folder}/work`,
  }),

  prepareWritable: () => null,
  writableMaker(homes, { id, parent }) {
    const chain = parent ? readChain(homes, parent) : null;
    return () => makeWritableFolder(homes.own, id, chain);
  },
  adopter: adoptInto,
  take(paths, id, trash) {
    finishUnmount(`${paths.home}/${id}/merged`);
    takeFolder(paths, id, trash);
  },

  mountTarget,
  mount: mountLayer,
  isMounted: isMountpoint,

  writtenSize: (homes, { id }) => folderSize(`${folderOf(homes, id)}/diff`),
  async changes(homes, { id }) {
    const { layerChanges } = await import('./changes.ts');
    return layerChanges(overlay.contents(homes, folderOf(homes, id)));
  },
  async tarOfChanges(homes, { id, ...maps }) {
    const { upperTar } = await import('./upper-tar.ts');
    return upperTar(`${folderOf(homes, id)}/diff`, maps);
  },
};

/**
 * Where a layer is mounted: in its folder, or in the run root when it lives in a read-only store.
 * @throws CORRUPT_STORE when the layer has no folder
 */
function mountTarget(homes: LayerHomes, id: string): string {
  const folder = folderOf(homes, id);
  const isOwn = folder.startsWith(`${homes.own.home}/`);
  return isOwn ? `${folder}/merged` : `${homes.own.runRoot}/overlay/${id}/merged`;
}

/**
 * Mounts a layer with all that lies below it at its `mountTarget`.
 * @throws CORRUPT_STORE when a folder of the chain is gone, NO_PERMISSION
 */
function mountLayer(homes: LayerHomes, id: string, options: MountLayerOptions): void {
  const target = mountTarget(homes, id);
  const folder = findLayerFolder(homes, id) ?? '';
  const own = folder.startsWith(`${homes.own.home}/`);
  if (!existsSync(target)) mkdirSync(target, { recursive: true, mode: 0o700 });
  const below = lowerFolders(homes, folder);
  const readOnly = options.readOnly === true || !own;
  const lowers = readOnly ? [`${folder}/diff`, ...below] : below;
  // Overlayfs wants two lower folders at least when there is no upper one.
  if (lowers.length < (readOnly ? 2 : 1)) lowers.push(emptyFolder(folder, own, target));
  if (lowers.length > maxLowers) throw new TspodError('CORRUPT_STORE', `mounting layer "${id}": max depth exceeded`);
  // The kernel's mark of an earlier mount with `volatile`: it would refuse this one.
  if (!readOnly) rmSync(`${folder}/work/work/incompat/volatile`, { recursive: true, force: true });
  const upper = readOnly ? {} : { upper: `${folder}/diff`, work: `${folder}/work` };
  const mount = { target, lowers, ...upper, options: mountOptions(options, readOnly) };
  const program = options.mountProgram || rememberedProgram(homes.own.home);
  if (program !== '') {
    mountByProgram(program, homes.own.home, mount);
    return;
  }
  try {
    mountOverlay(mount);
  } catch (error) {
    const missing = lowers.some((lower) => !existsSync(lower));
    const fallBack = !missing && hasErrno(error, 'EINVAL', 'ENODEV', 'EOPNOTSUPP') ? findMountProgram() : '';
    if (fallBack === '') throw explain(error, id, lowers);
    mountByProgram(fallBack, homes.own.home, mount);
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
  const hint = 'install fuse-overlayfs, or use the driver "vfs"';
  const cannot = hasErrno(error, 'EINVAL', 'ENODEV', 'EOPNOTSUPP') ? { hint } : {};
  return new TspodError('SYSTEM', `mounting layer "${id}": ${messageOf(error)}`, { cause: error, ...cannot });
}

/** Chains of layers that were adopted are remembered: reading each again costs a file per layer below. */
function adoptInto(homes: LayerHomes): AdoptLayer {
  const chains = new Map<string, ParentChain>();
  return (from, { id, parent }) => {
    const chain = parent ? (chains.get(parent) ?? readChain(homes, parent)) : null;
    const to = `${homes.own.home}/${id}`;
    chmodSync(`${from}/diff`, 0o555);
    renameSync(from, to);
    const link = finishFolder(homes.own, id, chain);
    chains.set(id, {
      ids: [id, ...(chain?.ids ?? [])],
      links: [`l/${link}`, ...(chain?.links ?? [])],
      diff: `${to}/diff`,
    });
  };
}

function folderOf(homes: LayerHomes, id: string): string {
  const folder = findLayerFolder(homes, id);
  if (folder === null) throw new TspodError('CORRUPT_STORE', `layer "${id}": its folder is missing`);
  return folder;
}
