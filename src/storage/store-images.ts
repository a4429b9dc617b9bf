/** The half of the store that is about images and their layers. */
import { TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { ImageConfig, Manifest } from '../oci/image-spec.ts';
import type { PackedStream } from '../system/pack.ts';
import { hasSingleId } from '../system/userns.ts';
import type { Change } from './changes.ts';
import { commitImage, type NewImage, namesHistory, withoutNames } from './commit-image.ts';
import { deleteImage } from './delete-image.ts';
import type { Driver, LayerHomes } from './driver.ts';
import { imageById, imageByName, imagesByDigest } from './find-image.ts';
import { isManifestList, parseImageConfig, parseManifest } from './image-data.ts';
import { layerIds } from './layer-id.ts';
import { type LayerEncoding, type LayerTarSource, layerTar } from './layer-tar.ts';
import type { StorePaths } from './paths.ts';
import type { ImageRecord, LayerRecord } from './records.ts';
import { bigDataSize, layersSize } from './size.ts';
import { SizeCache } from './size-cache.ts';
import { discardLayer, type ExpectedLayer, type StagedLayer, stageLayer } from './stage-layer.ts';
import { openParts, type StoreOptions, type StoreParts } from './store-parts.ts';

export class StoreImages {
  readonly paths: StorePaths;
  readonly homes: LayerHomes;
  readonly driver: Driver;
  protected readonly parts: StoreParts;
  readonly #sizes: SizeCache;
  #sizesFilled = false;
  #layerList: readonly LayerRecord[] | undefined;
  #layersById = new Map<string, LayerRecord>();

  constructor(options: StoreOptions) {
    this.parts = openParts(options);
    this.homes = this.parts.homes;
    this.driver = this.parts.driver;
    this.paths = this.parts.homes.own;
    this.#sizes = new SizeCache(options.graphRoot);
  }

  /** Images of this store, then those of read-only stores. @throws CORRUPT_STORE */
  images(): ImageRecord[] {
    const own = this.parts.images.all();
    if (this.parts.readOnly.length === 0) return own;
    const known = new Set(own.map((image) => image.id));
    const others = this.parts.readOnly.flatMap((store) => store.images());
    return [...own, ...others.filter((image) => !known.has(image.id) && known.add(image.id))];
  }

  /** Another text whenever the list of images has changed; '' when that cannot be told by one file. */
  imagesVersion(): string {
    return this.parts.readOnly.length === 0 ? this.parts.images.version() : '';
  }

  /** Images of read-only stores that this store has too: they are listed, and nothing else looks at them. */
  shadowedImages(): ImageRecord[] {
    const others = this.parts.readOnly.flatMap((store) => store.images());
    return others.filter((image) => this.parts.images.get(image.id) !== null);
  }

  /** False when storage.conf says `enable_partial_images = "false"`. */
  get usesPartialPulls(): boolean {
    return this.parts.options.partialPulls ?? true;
  }

  /** Complete layers, of this store and of read-only ones. */
  layers(): LayerRecord[] {
    return [...this.parts.layers.all(), ...this.parts.readOnly.flatMap((store) => store.layers())];
  }

  /** True if the image lives in a read-only store: it cannot be removed or renamed. */
  isReadOnly(image: ImageRecord): boolean {
    return this.parts.readOnly.length > 0 && this.parts.images.get(image.id) === null;
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
    const home = this.isReadOnly(image) ? this.parts.readOnly.find((store) => store.hasImage(image.id)) : undefined;
    return (home?.bigDataOf ?? this.parts.images).bigData(image.id, key);
  }

  /** The configuration, checked. @throws CORRUPT_STORE */
  imageConfig(image: ImageRecord): ImageConfig {
    if (isManifestList(image)) return { architecture: '', os: '', rootfs: { type: 'layers', diff_ids: [] } };
    return parseImageConfig(this.bigData(image, this.imageConfigDigest(image)), image.id);
  }

  /** Of the configuration: the id, but for images that a tool gave an id of its own. @throws CORRUPT_STORE */
  imageConfigDigest(image: ImageRecord): Digest {
    const names = image['big-data-names'];
    const isId = !names || names.includes(`sha256:${image.id}`);
    return isId ? `sha256:${image.id}` : this.imageManifest(image).config.digest;
  }

  /** The manifest of the platform that was pulled, checked. @throws CORRUPT_STORE */
  imageManifest(image: ImageRecord): Manifest {
    return parseManifest(this.bigData(image, 'manifest'), image.id);
  }

  /** Bytes, from the records alone. */
  imageSize(image: ImageRecord): number {
    const known = this.#sizes.get(image);
    if (known !== null) return known + bigDataSize(image);
    const layers = this.layerMap();
    if (!this.#sizesFilled) this.#sizes.fill(this.parts.images.all(), layers);
    this.#sizesFilled = true;
    return layersSize(image, layers) + bigDataSize(image);
  }

  /** Ids of the layers with these diff-ids on each other, base first. */
  layerIds(diffIds: Digest[]): string[] {
    return layerIds(diffIds);
  }

  /** A complete layer of this store or a read-only one. */
  hasLayer(id: string): LayerRecord | null {
    return this.layerMap().get(id) ?? null;
  }

  /** Folder of a layer; where in it the content is, the driver knows. @throws CORRUPT_STORE */
  layerFolder(id: string): string {
    const folder = this.driver.find(this.homes, id);
    if (folder === null) throw new TspodError('CORRUPT_STORE', `layer "${id}" has no folder in the store`);
    return folder;
  }

  /** For `inspect`: folders of a layer by their Docker names; null when the driver has one only. */
  describeLayer(id: string): Record<string, string> | null {
    const parents: string[] = [];
    for (let parent = this.hasLayer(id)?.parent; parent; parent = this.hasLayer(parent)?.parent) {
      parents.push(this.layerFolder(parent));
    }
    return this.driver.describe(this.layerFolder(id), parents);
  }

  /** The gzipped tar-split file of a layer: how to make the very tar again that it came from. */
  tarSplitFile(id: string): string {
    const home = this.parts.readOnly.find((store) => this.layerFolder(id).startsWith(`${store.layerFolders}/`));
    return `${home?.layerDir ?? this.paths.layerDir}/${id}.tar-split.gz`;
  }

  /** The very tar that a layer came from, as it is or compressed. @throws CORRUPT_STORE when a file was changed */
  layerTar(id: string, encoding: LayerEncoding = {}): PackedStream {
    return layerTar(this.tarSource(id), encoding);
  }

  /** What `layerTar` reads. @throws CORRUPT_STORE */
  protected tarSource(id: string): LayerTarSource {
    const layer = this.#layer(id);
    const folder = this.layerFolder(id);
    return { layer, folders: this.driver.contents(this.homes, folder), tarSplit: this.tarSplitFile(id) };
  }

  /** What a layer changes of those below it. @throws CORRUPT_STORE */
  async layerChanges(id: string): Promise<Change[]> {
    return this.driver.changes(this.homes, this.#layer(id));
  }

  /** The same as the tar of a new layer. @throws CORRUPT_STORE */
  async tarOfChanges(id: string): Promise<Iterable<Uint8Array>> {
    return this.driver.tarOfChanges(this.homes, this.#layer(id));
  }

  /** Unpacks a layer without a lock; several at once are fine. @throws CORRUPT_BLOB, REFUSED_LAYER, NO_SPACE */
  stageLayer(source: AsyncIterable<Uint8Array>, expect: ExpectedLayer): Promise<StagedLayer> {
    return stageLayer(this.paths, source, {
      ignoreChownErrors: this.parts.options.ignoreChownErrors || hasSingleId(),
      ...expect,
    });
  }

  /** Throws a staged layer away. */
  discard(staged: StagedLayer): void {
    discardLayer(staged);
  }

  /** Makes an image of staged and existing layers; names move to it. Consumes the staged layers in any case. */
  async commitImage(image: NewImage): Promise<ImageRecord> {
    return commitImage({ ...this.parts, hasLayer: (id) => this.hasLayer(id) }, image);
  }

  /** Replaces all names of an image; other images lose them. @throws NO_SUCH_IMAGE */
  setImageNames(id: string, names: string[]): void {
    this.#changeNames(id, () => names);
  }

  addImageName(id: string, name: string): void {
    this.#changeNames(id, (names) => [name, ...names]);
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
    return deleteImage(this.parts, id);
  }

  /** An image of this store or a read-only one, by its full id. */
  protected image(id: string): ImageRecord {
    const image = this.images().find((candidate) => candidate.id === id);
    if (!image) throw new TspodError('NO_SUCH_IMAGE', `${id}: image not known`);
    return image;
  }

  /** Rebuilt only when the files changed: `images` asks once per image. */
  protected layerMap(): Map<string, LayerRecord> {
    const layers = this.parts.readOnly.length === 0 ? this.parts.layers.all() : this.layers();
    if (layers !== this.#layerList) {
      this.#layersById = new Map(layers.map((layer) => [layer.id, layer]));
      this.#layerList = layers;
    }
    return this.#layersById;
  }

  #layer(id: string): LayerRecord {
    const layer = this.hasLayer(id);
    if (!layer) throw new TspodError('CORRUPT_STORE', `layer "${id}" is not in the store`);
    return layer;
  }

  #changeNames(id: string, change: (names: string[]) => string[]): void {
    this.parts.images.update((session) => {
      const image = session.all().find((candidate) => candidate.id === id);
      if (!image) throw new TspodError('NO_SUCH_IMAGE', `${id}: image not known`);
      const names = [...new Set(change(image.names ?? []))];
      const history = namesHistory(names, image['names-history']);
      const renamed = { ...image, names, 'names-history': history };
      session.save(session.all().map((other) => (other === image ? renamed : withoutNames(other, names))));
    });
  }
}
