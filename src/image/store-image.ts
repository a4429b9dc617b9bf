/**
 * From a manifest and its blobs to an image in the store: layers are unpacked side by side, then recorded in one pass.
 * Nothing of it is visible before everything was checked.
 */
import { TspodError } from '../errors.ts';
import { type Digest, hexOf } from '../oci/digest.ts';
import type { Descriptor, ImageConfig, Manifest } from '../oci/image-spec.ts';
import { mediaTypes } from '../oci/media-types.ts';
import type { ImageRecord } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';
import type { RangeReader } from './chunked/frames.ts';
import type { OnCopyEvent } from './events.ts';
import { parseImageConfig } from './image-config.ts';
import { stageLayers } from './stage-layers.ts';

export interface ImageSource {
  manifest: { bytes: Buffer; digest: Digest; manifest: Manifest };
  /** The index it was chosen from. */
  index?: { bytes: Buffer; digest: Digest } | undefined;
  /** The configuration's bytes, digest already checked. */
  config(): Promise<Buffer>;
  /** Called only for layers that the store does not have. */
  layer(descriptor: Descriptor, index: number): AsyncIterable<Uint8Array>;
  /** Some bytes of a layer, where the source can do that. */
  range?: RangeReader;
}

export interface StoreImageOptions {
  /** Full names that the image gets; they move here from other images. */
  names: string[];
  onProgress: OnCopyEvent;
}

/**
 * Stores an image. An image with the same configuration gets the names and the manifests added.
 *
 * @throws TspodError CORRUPT_BLOB, REFUSED_LAYER, UNSUPPORTED, NO_SPACE, and what the source throws
 */
export async function storeImage(store: Store, source: ImageSource, options: StoreImageOptions): Promise<ImageRecord> {
  const { manifest, bytes, digest } = source.manifest;
  options.onProgress({ type: 'signatures' });
  checkTypes(manifest);
  const configBytes = await source.config();
  const config = parseImageConfig(configBytes, manifest.layers.length);
  const staged = await stageLayers(store, { manifest, config, source, onProgress: options.onProgress });
  options.onProgress({ type: 'config', digest: manifest.config.digest, size: manifest.config.size });
  options.onProgress({ type: 'manifest' });
  return store.commitImage({
    id: hexOf(manifest.config.digest),
    names: options.names,
    staged,
    created: creationDate(config),
    digest: source.index?.digest ?? digest,
    bigData: bigData(source, bytes, configBytes),
    metadata: '{}',
  });
}

/** The items that Podman stores with an image. */
function bigData({ manifest, index }: ImageSource, bytes: Buffer, config: Buffer): [key: string, data: Buffer][] {
  return [
    [manifest.manifest.config.digest, config],
    ...(index ? [[`manifest-${index.digest}`, index.bytes] satisfies [string, Buffer]] : []),
    [`manifest-${manifest.digest}`, bytes],
    ['manifest', bytes],
  ];
}

function checkTypes({ config, layers }: Manifest): void {
  if (config.mediaType === mediaTypes.ociEmpty) {
    throw new TspodError('UNSUPPORTED', 'this is an artifact without an image configuration: it cannot be run');
  }
  for (const { mediaType, digest } of layers) {
    if (/\+encrypted$/.test(mediaType)) throw new TspodError('UNSUPPORTED', `layer ${digest} is encrypted`);
    if (!/tar/.test(mediaType)) {
      throw new TspodError('UNSUPPORTED', `layer ${digest} has the unsupported type ${JSON.stringify(mediaType)}`);
    }
  }
}

function creationDate({ created }: ImageConfig): string {
  const valid = created !== undefined && !Number.isNaN(Date.parse(created));
  return valid ? created : '1970-01-01T00:00:00Z';
}
