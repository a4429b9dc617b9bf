/**
 * The store: layers, images and containers under one graph root, shared with Podman, Buildah, Skopeo and CRI-O
 * (docs/shared-store.md). Opening costs nothing; each file is read when it is first needed, and again when it changed.
 */
import { TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { ImageConfig, Manifest } from '../oci/image-spec.ts';
import { type CheckOptions, checkStore, type Problem } from './check.ts';
import { commitImage, type NewImage, withoutNames } from './commit-image.ts';
import { ContainerStore } from './container-store.ts';
import { createContainer, type NewContainer, refuseTakenName } from './create-container.ts';
import { deleteContainer, removeRecords } from './delete-container.ts';
import { deleteImage } from './delete-image.ts';
import { imageById, imageByName, imagesByDigest } from './find-image.ts';
import { parseImageConfig, parseManifest } from './image-data.ts';
import { ImageStore } from './image-store.ts';
import { findLayerFolder, type LayerHomes } from './layer-folder.ts';
import { layerIds } from './layer-id.ts';
import { LayerStore } from './layer-store.ts';
import { Mounts } from './mounts.ts';
import { mountLayer } from './overlay.ts';
import { type StorePaths, storePaths } from './paths.ts';
import { ReadOnlyStore } from './read-only-store.ts';
import type { ContainerRecord, ImageRecord, LayerRecord, MountRecord } from './records.ts';
import { folderSize, imageSize } from './size.ts';
import { discardLayer, type ExpectedLayer, type StagedLayer, stageLayer } from './stage-layer.ts';
import { mountVolume, unmountVolume } from './volume-mounts.ts';
import { type NewVolume, type VolumeRecord, VolumeStore } from './volume-store.ts';

export type { CheckOptions, Problem } from './check.ts';
export type { NewImage } from './commit-image.ts';
export type { NewContainer } from './create-container.ts';
export type { ContainerRecord, ImageRecord, LayerRecord, MountRecord } from './records.ts';
export type { ExpectedLayer, StagedLayer } from './stage-layer.ts';
export type { NewVolume, VolumeRecord } from './volume-store.ts';

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

/** Opens a store. Nothing is read or made on the disk until something is asked of it. */
export function openStore(options: StoreOptions): Store {
  return new Store(options);
}

export class Store {
  readonly paths: StorePaths;
  readonly homes: LayerHomes;
  readonly #options: StoreOptions;
  readonly #images: ImageStore;
  readonly #layers: LayerStore;
  readonly #containers: ContainerStore;
  readonly #mounts: Mounts;
  readonly #readOnly: ReadOnlyStore[];
  #volumes: VolumeStore | undefined;

  constructor(options: StoreOptions) {
    this.#options = options;
    this.paths = storePaths(options.graphRoot, options.runRoot, options.transientStore);
    this.#readOnly = (options.additionalImageStores ?? []).map((root) => new ReadOnlyStore(root));
    this.homes = { own: this.paths, additional: this.#readOnly.map((store) => store.overlay) };
    this.#images = new ImageStore(this.paths);
    this.#containers = new ContainerStore(this.paths);
    this.#layers = new LayerStore(this.homes, {
      isNeeded: (layer) => this.#isNeeded(layer),
      dropContainers: (layers) => this.#dropContainers(layers),
    });
    this.#mounts = new Mounts(this.paths, options.skipMountHome ?? false);
  }

  /** Images of this store, then those of read-only stores. @throws CORRUPT_STORE */
  images(): ImageRecord[] {
    const own = this.#images.all();
    if (this.#readOnly.length === 0) return own;
    const known = new Set(own.map((image) => image.id));
    const others = this.#readOnly.flatMap((store) => store.images());
    return [...own, ...others.filter((image) => !known.has(image.id) && known.add(image.id))];
  }

  /** Complete layers, of this store and of read-only ones. */
  layers(): LayerRecord[] {
    return [...this.#layers.all(), ...this.#readOnly.flatMap((store) => store.layers())];
  }

  /** Containers of every tool that uses this store. */
  containers(): ContainerRecord[] {
    return this.#containers.all();
  }

  /** True if the image lives in a read-only store: it cannot be removed or renamed. */
  isReadOnly(image: ImageRecord): boolean {
    return this.#readOnly.length > 0 && this.#images.get(image.id) === null;
  }

  /** By full id or unique prefix. @throws AMBIGUOUS_NAME */
  imageById(text: string): ImageRecord | null {
    return imageById(this.images(), text);
  }

  /** By a full, normalised name. */
  imageByName(name: string): ImageRecord | null {
    return imageByName(this.images(), name);
  }

  imagesByDigest(digest: Digest): ImageRecord[] {
    return imagesByDigest(this.images(), digest);
  }

  /** One big data item. @throws CORRUPT_STORE when it is missing */
  bigData(image: ImageRecord, key: string): Buffer {
    const home = this.isReadOnly(image) ? this.#readOnly.find((store) => store.hasImage(image.id)) : undefined;
    return (home?.bigDataOf ?? this.#images).bigData(image.id, key);
  }

  /** The configuration, checked. @throws CORRUPT_STORE */
  imageConfig(image: ImageRecord): ImageConfig {
    return parseImageConfig(this.bigData(image, `sha256:${image.id}`), image.id);
  }

  /** The manifest of the platform that was pulled, checked. @throws CORRUPT_STORE */
  imageManifest(image: ImageRecord): Manifest {
    return parseManifest(this.bigData(image, 'manifest'), image.id);
  }

  /** Bytes, from the records alone. */
  imageSize(image: ImageRecord): number {
    return imageSize(image, this.#layerMap());
  }

  /** Ids of the layers with these diff-ids on each other, base first. */
  layerIds(diffIds: Digest[]): string[] {
    return layerIds(diffIds);
  }

  /** A complete layer of this store or a read-only one. */
  hasLayer(id: string): LayerRecord | null {
    return this.#layerMap().get(id) ?? null;
  }

  /** Folder of a layer: `diff` in it is the content. @throws CORRUPT_STORE */
  layerFolder(id: string): string {
    const folder = findLayerFolder(this.homes, id);
    if (folder === null) throw new TspodError('CORRUPT_STORE', `layer "${id}" has no folder in the store`);
    return folder;
  }

  /** The gzipped tar-split file of a layer: how to make the very tar again that it came from. */
  tarSplitFile(id: string): string {
    const home = this.#readOnly.find((store) => this.layerFolder(id).startsWith(`${store.overlay}/`));
    return `${home?.layerDir ?? this.paths.layerDir}/${id}.tar-split.gz`;
  }

  /** Unpacks a layer without a lock; several at once are fine. @throws CORRUPT_BLOB, REFUSED_LAYER, NO_SPACE */
  stageLayer(source: AsyncIterable<Uint8Array>, expect: ExpectedLayer): Promise<StagedLayer> {
    return stageLayer(this.paths, source, { ignoreChownErrors: this.#options.ignoreChownErrors ?? false, ...expect });
  }

  /** Throws a staged layer away. */
  discard(staged: StagedLayer): void {
    discardLayer(staged);
  }

  /** Makes an image of staged and existing layers; names move to it. Consumes the staged layers in any case. */
  async commitImage(image: NewImage): Promise<ImageRecord> {
    return commitImage(
      {
        homes: this.homes,
        layers: this.#layers,
        images: this.#images,
        hasLayer: (id) => this.hasLayer(id),
        sync: this.#options.sync ?? 'none',
      },
      image,
    );
  }

  /** Replaces all names of an image; other images lose them. @throws NO_SUCH_IMAGE */
  setImageNames(id: string, names: string[]): void {
    this.#changeNames(id, () => names);
  }

  addImageName(id: string, name: string): void {
    this.#changeNames(id, (names) => [...names, name]);
  }

  removeImageName(id: string, name: string): void {
    this.#changeNames(id, (names) => names.filter((other) => other !== name));
  }

  /**
   * Deletes an image and the layers that nothing else needs.
   * @returns ids of the removed layers
   * @throws NO_SUCH_IMAGE, IMAGE_IN_USE
   */
  async deleteImage(id: string): Promise<string[]> {
    return deleteImage(
      { layers: this.#layers, images: this.#images, containers: this.#containers, mounts: this.#mounts },
      id,
    );
  }

  /** Makes the writable layer and the record. @throws NAME_IN_USE, CORRUPT_STORE */
  createContainer(request: Omit<NewContainer, 'image'> & { imageId: string | null }): ContainerRecord {
    const { imageId, ...rest } = request;
    const image = imageId === null || imageId === '' ? null : this.#ownOrReadOnlyImage(imageId);
    return createContainer(this.#parts, { ...rest, image });
  }

  /** Mounts a container's root. @returns its path. @throws NO_SUCH_CONTAINER, CORRUPT_STORE */
  mountContainer(id: string): string {
    const container = this.#container(id);
    const volatile = container.flags?.['Volatile'] === true;
    return this.#mounts.add(container.layer, () =>
      mountLayer(this.homes, container.layer, this.#mountOptions({ volatile })),
    );
  }

  /** One user of the mount less. @returns true if others still use it. A container that is gone is fine. */
  unmountContainer(id: string, options: { force?: boolean } = {}): boolean {
    const container = this.#containers.get(id);
    return container ? this.#mounts.drop(container.layer, options.force ?? false) : false;
  }

  /** Removes a container, its folders and its layer. Idempotent. */
  deleteContainer(id: string): void {
    deleteContainer({ ...this.#parts, mounts: this.#mounts }, id);
  }

  /** @throws NO_SUCH_CONTAINER, NAME_IN_USE */
  rename(id: string, name: string): void {
    this.#containers.update((session) => {
      const all = session.all();
      const container = all.find((candidate) => candidate.id === id);
      if (!container) throw new TspodError('NO_SUCH_CONTAINER', `no container with ID "${id}" in the store`);
      const renamed = { ...container, names: [name] };
      refuseTakenName(
        all.filter((other) => other !== container),
        renamed,
      );
      session.replace(renamed);
    });
  }

  /** Mounts an image read-only. @returns its path */
  mountImage(id: string): string {
    const layer = this.#topLayer(id);
    return this.#mounts.add(layer, () => mountLayer(this.homes, layer, this.#mountOptions({ readOnly: true })));
  }

  /** @returns true if others still use the mount */
  unmountImage(id: string, options: { force?: boolean } = {}): boolean {
    return this.#mounts.drop(this.#topLayer(id), options.force ?? false);
  }

  /** Layers that are mounted now, with the number of users. */
  mounts(): MountRecord[] {
    return this.#mounts.all();
  }

  /** Bytes: what a container wrote, and with its image's layers. */
  containerSize(id: string): { rw: number; rootfs: number } {
    const container = this.#container(id);
    const rw = container.layer ? folderSize(`${this.layerFolder(container.layer)}/diff`) : 0;
    const image = container.image ? this.images().find((candidate) => candidate.id === container.image) : undefined;
    return { rw, rootfs: rw + (image ? this.imageSize(image) : 0) };
  }

  /** Named volumes, by name. */
  volumes(): VolumeRecord[] {
    return this.#volumeStore.all();
  }

  /** By name or unique prefix. @throws NO_SUCH_VOLUME, AMBIGUOUS_NAME */
  findVolume(name: string): VolumeRecord {
    return this.#volumeStore.find(name);
  }

  /** The volume with this very name, or null. */
  volumeByName(name: string): VolumeRecord | null {
    return this.#volumeStore.get(name);
  }

  /** '' makes up a name. @throws NAME_IN_USE, BAD_ARGUMENT */
  createVolume(name: string, request: NewVolume = {}): VolumeRecord {
    return this.#volumeStore.create(name, request);
  }

  /** With its content; whether a container uses it is for the caller to know. @throws NO_SUCH_VOLUME */
  removeVolume(name: string): void {
    this.#volumeStore.remove(name);
  }

  /** Makes a volume ready for a container. @returns the path of its content */
  mountVolume(name: string, container: string): string {
    return mountVolume(`${this.paths.runRoot}/tspod`, this.findVolume(name), container);
  }

  /** A container is done with a volume. Idempotent. */
  unmountVolume(name: string, container: string): void {
    const volume = this.#volumeStore.get(name);
    if (volume) unmountVolume(`${this.paths.runRoot}/tspod`, volume, container);
  }

  /** Looks for damage; nothing is changed. */
  check(options: CheckOptions = {}): Problem[] {
    return checkStore(this, options);
  }

  /** Removes records of containers whose layer is gone: `system check --repair`. */
  forgetContainers(ids: string[]): void {
    removeRecords(
      this.#parts,
      this.containers().filter((container) => ids.includes(container.id)),
    );
  }

  /** Lets the recovery after a crash run now: the next command that changes something would do the same. */
  recover(): void {
    this.#layers.recoverStaging();
    this.#layers.update((session) => session.permanent());
  }

  get #volumeStore(): VolumeStore {
    this.#volumes ??= new VolumeStore(this.#options.volumeDir?.() ?? `${this.paths.graphRoot}/volumes`);
    return this.#volumes;
  }

  get #parts() {
    return { homes: this.homes, layers: this.#layers, containers: this.#containers };
  }

  #mountOptions(options: { volatile?: boolean; readOnly?: boolean }) {
    return { mountopt: this.#options.mountopt ?? '', runRoot: this.paths.runRoot, ...options };
  }

  #layerList: readonly LayerRecord[] | undefined;
  #layersById = new Map<string, LayerRecord>();

  /** Rebuilt only when the files changed: `images` asks once per image. */
  #layerMap(): Map<string, LayerRecord> {
    const layers = this.#readOnly.length === 0 ? this.#layers.all() : this.layers();
    if (layers !== this.#layerList) {
      this.#layersById = new Map(layers.map((layer) => [layer.id, layer]));
      this.#layerList = layers;
    }
    return this.#layersById;
  }

  #isNeeded(layer: string): boolean {
    const tops = this.#images.all().flatMap((image) => [image.layer, ...(image['mapped-layers'] ?? [])]);
    return tops.includes(layer) || this.#containers.all().some((container) => container.layer === layer);
  }

  #dropContainers(layers: string[]): void {
    this.#containers.update((session) => {
      const lost = session.all().filter((container) => layers.includes(container.layer));
      if (lost.length > 0) session.remove(lost.map((container) => container.id));
    });
  }

  #container(id: string): ContainerRecord {
    const container = this.#containers.get(id);
    if (!container) throw new TspodError('NO_SUCH_CONTAINER', `no container with ID "${id}" in the store`);
    return container;
  }

  #ownOrReadOnlyImage(id: string): ImageRecord {
    const image = this.images().find((candidate) => candidate.id === id);
    if (!image) throw new TspodError('NO_SUCH_IMAGE', `${id}: image not known`);
    return image;
  }

  #topLayer(imageId: string): string {
    const image = this.#ownOrReadOnlyImage(imageId);
    if (!image.layer) throw new TspodError('UNSUPPORTED', `image "${imageId}" has no layers to mount`);
    return image.layer;
  }

  #changeNames(id: string, change: (names: string[]) => string[]): void {
    this.#images.update((session) => {
      const image = session.all().find((candidate) => candidate.id === id);
      if (!image) throw new TspodError('NO_SUCH_IMAGE', `${id}: image not known`);
      const names = [...new Set(change(image.names ?? []))];
      const history = [...new Set([...(image['names-history'] ?? []), ...(image.names ?? []), ...names])];
      const renamed = { ...image, names, 'names-history': history };
      session.save(session.all().map((other) => (other === image ? renamed : withoutNames(other, names))));
    });
  }
}
