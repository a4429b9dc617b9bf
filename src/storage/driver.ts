/**
 * What the store needs of a driver: how layers lie on the disk, and how they become a root file system. One file a
 * driver: overlay.ts, vfs.ts. Records, locks and the order of their changes are the same for all.
 */
import type { Change } from './changes.ts';
import type { DriverName, StorePaths } from './paths.ts';
import type { LayerRecord } from './records.ts';
import type { TempDir } from './temp-dir.ts';

/** Where layers are: the store's own folders and those of read-only stores. */
export interface LayerHomes {
  own: StorePaths;
  /** `layerFolders` of additional image stores. */
  additional: string[];
}

export interface MountLayerOptions {
  /** Comma-separated, from storage.conf. */
  mountopt: string;
  /** Used in place of the kernel's overlayfs; '' for none. */
  mountProgram: string;
  /** Nothing of it needs to outlive a crash. */
  volatile?: boolean;
  /** Content of the layer itself cannot be changed: images. */
  readOnly?: boolean;
}

/** Puts an unpacked layer in its place, under layers.lock; parents come before their children. */
export type AdoptLayer = (from: string, layer: LayerRecord) => void;

export interface Driver {
  readonly name: DriverName;
  /** Whether layers are mounted at all, or merely have a path. */
  readonly mounts: boolean;
  /** Whether the folder of a layer has all that is below it too. */
  readonly isWhole: boolean;

  /** Folder of a layer in one of the homes, or null. */
  find(homes: LayerHomes, id: string): string | null;
  /** Names that the folder of a complete layer has in it. */
  partsOf(layer: LayerRecord): string[];
  /** Folders in which the files of a layer's tar are, in the order of the search. @throws CORRUPT_STORE */
  contents(homes: LayerHomes, folder: string): string[];
  /** For `inspect`: the folders of a layer and of its parents, top first, by their Docker names. */
  describe(folder: string, parents: string[]): Record<string, string> | null;

  /** The part of making a writable layer that needs no lock; null where there is none. */
  prepareWritable(homes: LayerHomes, parent: string | undefined): TempDir | null;
  /**
   * Looks at the parent, under layers.lock.
   * @returns what makes the layer's folder, to be called when its record is written
   * @throws CORRUPT_STORE when the parent's folder is gone
   */
  writableMaker(homes: LayerHomes, layer: LayerRecord, prepared: TempDir | null): () => void;
  /**
   * Makes unpacked layers what `adopter` moves to its place, before a lock is taken.
   * @param layers base first: the id of each and, if it was unpacked just now, the folder that holds its `diff`
   */
  prepareLayers?(homes: LayerHomes, layers: { id: string; staged: string | null }[]): Promise<void>;
  adopter(homes: LayerHomes): AdoptLayer;
  /** Moves the folder of a layer away, unmounted; nothing happens where there is none. */
  take(paths: StorePaths, id: string, trash: TempDir): void;

  /** Where `mount` makes the layer visible. @throws CORRUPT_STORE when the layer has no folder */
  mountTarget(homes: LayerHomes, id: string): string;
  /** @throws CORRUPT_STORE, NO_PERMISSION */
  mount(homes: LayerHomes, id: string, options: MountLayerOptions): void;
  isMounted(path: string): boolean;

  /** Bytes that the layer has beyond its parent. */
  writtenSize(homes: LayerHomes, layer: LayerRecord): number;
  /** What the layer changes of those below it. */
  changes(homes: LayerHomes, layer: LayerRecord): Promise<Change[]>;
  /** The same as the tar of a layer. */
  tarOfChanges(homes: LayerHomes, layer: LayerRecord): Promise<Iterable<Uint8Array>>;
}
