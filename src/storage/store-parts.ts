/** The record files of one store, put together. */
import { ContainerStore } from './container-store.ts';
import { ImageStore } from './image-store.ts';
import type { LayerHomes } from './layer-folder.ts';
import { LayerStore } from './layer-store.ts';
import { Mounts } from './mounts.ts';
import { storePaths } from './paths.ts';
import { ReadOnlyStore } from './read-only-store.ts';

/** What the store needs to know; config/storage-conf.ts makes one. */
export interface StoreOptions {
  graphRoot: string;
  runRoot: string;
  mountopt?: string;
  additionalImageStores?: string[];
  transientStore?: boolean;
  skipMountHome?: boolean;
  sync?: 'none' | 'filesystem';
  ignoreChownErrors?: boolean;
  /** Folder of named volumes; GRAPHROOT/volumes when left out. */
  volumeDir?: () => string;
}

export interface StoreParts {
  options: StoreOptions;
  homes: LayerHomes;
  layers: LayerStore;
  images: ImageStore;
  containers: ContainerStore;
  mounts: Mounts;
  readOnly: ReadOnlyStore[];
}

/** Makes the parts; reads nothing. */
export function openParts(options: StoreOptions): StoreParts {
  const own = storePaths(options.graphRoot, options.runRoot, options.transientStore);
  const readOnly = (options.additionalImageStores ?? []).map((root) => new ReadOnlyStore(root));
  const homes = { own, additional: readOnly.map((store) => store.overlay) };
  const images = new ImageStore(own);
  const containers = new ContainerStore(own);
  const layers = new LayerStore(homes, {
    isNeeded: (layer) => isNeeded(images, containers, layer),
    ofContainers: () => new Set(containers.all().map((container) => container.layer)),
    dropContainers: (lost) => dropContainers(containers, lost),
  });
  return {
    options,
    homes,
    layers,
    images,
    containers,
    mounts: new Mounts(own, options.skipMountHome ?? false),
    readOnly,
  };
}

function isNeeded(images: ImageStore, containers: ContainerStore, layer: string): boolean {
  const tops = images.all().flatMap((image) => [image.layer, ...(image['mapped-layers'] ?? [])]);
  return tops.includes(layer) || containers.all().some((container) => container.layer === layer);
}

function dropContainers(containers: ContainerStore, layers: string[]): void {
  containers.update((session) => {
    const lost = session.all().filter((container) => layers.includes(container.layer));
    if (lost.length > 0) session.remove(lost.map((container) => container.id));
  });
}
