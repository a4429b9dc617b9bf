/** The record files of one store, put together. */
import { ContainerStore } from './container-store.ts';
import type { Driver, LayerHomes } from './driver.ts';
import { ImageStore } from './image-store.ts';
import { LayerStore } from './layer-store.ts';
import { Mounts } from './mounts.ts';
import { overlay } from './overlay.ts';
import { type DriverName, storePaths } from './paths.ts';
import { ReadOnlyStore } from './read-only-store.ts';
import { vfs } from './vfs.ts';

/** What the store needs to know; config/storage-conf.ts makes one. */
export interface StoreOptions {
  graphRoot: string;
  runRoot: string;
  /** `overlay` when left out. */
  driver?: DriverName;
  mountopt?: string;
  /** Path of a program that mounts overlays: fuse-overlayfs. */
  mountProgram?: string;
  additionalImageStores?: string[];
  transientStore?: boolean;
  /** Containers of `--rm` are mounted without overlayfs' `volatile` too. */
  disableVolatile?: boolean;
  skipMountHome?: boolean;
  sync?: 'none' | 'filesystem';
  ignoreChownErrors?: boolean;
  /** Fetch only those files of a zstd:chunked layer that the store lacks. Default true. */
  partialPulls?: boolean;
  /** Folder of named volumes; GRAPHROOT/volumes when left out. */
  volumeDir?: () => string;
}

export interface StoreParts {
  options: StoreOptions;
  driver: Driver;
  homes: LayerHomes;
  layers: LayerStore;
  images: ImageStore;
  containers: ContainerStore;
  mounts: Mounts;
  readOnly: ReadOnlyStore[];
}

/** Makes the parts; reads nothing. */
export function openParts(options: StoreOptions): StoreParts {
  const driver = options.driver === 'vfs' ? vfs : overlay;
  const { name } = driver;
  const own = storePaths(options.graphRoot, options.runRoot, {
    driver: name,
    transient: options.transientStore === true,
  });
  const readOnly = (options.additionalImageStores ?? []).map((root) => new ReadOnlyStore(root, name));
  const homes = { own, additional: readOnly.map((store) => store.layerFolders) };
  const images = new ImageStore(own);
  const containers = new ContainerStore(own);
  const layers = new LayerStore(own, driver, {
    isNeeded: (layer) => isNeeded(images, containers, layer),
    ofContainers: () => new Set(containers.all().map((container) => container.layer)),
    dropContainers: (lost) => dropContainers(containers, lost),
  });
  return {
    options,
    driver,
    homes,
    layers,
    images,
    containers,
    mounts: new Mounts(own, driver, options.skipMountHome ?? false),
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
