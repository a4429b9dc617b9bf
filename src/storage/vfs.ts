/**
 * The driver `vfs`: each layer is a whole copy of its parent with its own changes made to it, GRAPHROOT/vfs/dir/ID.
 * Slow and large, and right where nothing can be mounted.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { makeCopy } from './copy-layer.ts';
import type { Driver, LayerHomes } from './driver.ts';
import type { LayerRecord } from './records.ts';
import { newTempDir } from './temp-dir.ts';
import { vfsChanges, vfsDifferences, vfsSize } from './vfs-compare.ts';

export const vfs: Driver = {
  name: 'vfs',
  mounts: false,
  isWhole: true,
  find: findFolder,
  partsOf: () => [],
  contents: (_homes, folder) => [folder],
  describe: () => null,

  prepareWritable(homes, parent) {
    const content = parent === undefined ? null : folderOf(homes, parent);
    const prepared = newTempDir(homes.own.tempDirs);
    try {
      makeCopy(content, `${prepared.path}/layer`);
    } catch (error) {
      prepared.remove();
      throw error;
    }
    return prepared;
  },
  writableMaker(homes, layer, prepared) {
    if (layer.parent) folderOf(homes, layer.parent);
    return () => moveIn(homes, `${prepared?.path}/layer`, layer);
  },
  async prepareLayers(homes, layers) {
    const { completeLayers } = await import('./vfs-apply.ts');
    completeLayers(layers, (id) => findFolder(homes, id));
  },
  adopter: (homes) => (from, layer) => moveIn(homes, `${from}/diff`, layer),
  take(paths, id, trash) {
    trash.take(`${paths.layerFolders}/${id}`);
  },

  mountTarget: folderOf,
  mount() {},
  isMounted: existsSync,

  writtenSize: (homes, layer) => vfsSize(folderOf(homes, layer.id), parentOf(homes, layer)),
  async changes(homes, layer) {
    return vfsChanges(folderOf(homes, layer.id), parentOf(homes, layer));
  },
  async tarOfChanges(homes, layer) {
    const { tarOf } = await import('./upper-tar.ts');
    const folder = folderOf(homes, layer.id);
    return tarOf(folder, vfsDifferences(folder, parentOf(homes, layer)));
  },
};

function findFolder(homes: LayerHomes, id: string): string | null {
  const folders = [homes.own.layerFolders, ...homes.additional].map((home) => `${home}/${id}`);
  return folders.find((folder) => existsSync(folder)) ?? null;
}

function folderOf(homes: LayerHomes, id: string): string {
  const folder = findFolder(homes, id);
  if (folder === null) throw new TspodError('CORRUPT_STORE', `layer "${id}": its folder is missing`);
  return folder;
}

function parentOf(homes: LayerHomes, layer: LayerRecord): string | null {
  return layer.parent ? folderOf(homes, layer.parent) : null;
}

function moveIn({ own }: LayerHomes, from: string, { id }: LayerRecord): void {
  mkdirSync(own.layerFolders, { recursive: true, mode: 0o700 });
  renameSync(from, `${own.layerFolders}/${id}`);
}
