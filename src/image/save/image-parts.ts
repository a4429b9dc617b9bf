/** An image as it lies in the store, taken apart for an archive or a registry. */
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/image-spec.ts';
import type { LayerEncoding } from '../../storage/layer-tar.ts';
import type { ImageRecord, LayerRecord } from '../../storage/records.ts';
import type { Store } from '../../storage/store.ts';
import type { PackedStream } from '../../system/pack.ts';

export interface ImageParts {
  record: ImageRecord;
  configDigest: Digest;
  config: Buffer;
  manifest: Manifest;
  manifestBytes: Buffer;
  /** Base first. */
  layers: LayerPart[];
}

export interface LayerPart {
  diffId: Digest;
  /** Bytes of the tar. */
  size: number;
  record: LayerRecord;
  /** Path of its .tar-split.gz file. */
  tarSplit: string;
  /** Its tar, as it is or compressed. */
  tar(encoding?: LayerEncoding): PackedStream;
}

/** @throws TspodError CORRUPT_STORE when a layer is missing */
export function imageParts(store: Store, record: ImageRecord): ImageParts {
  const configDigest = store.imageConfigDigest(record);
  const diffIds = store.imageConfig(record).rootfs.diff_ids;
  const layers: LayerPart[] = [];
  // From the top down by parents: ids need not follow the rule of today.
  for (let layer = record.layer ? store.hasLayer(record.layer) : null; layer; ) {
    layers.unshift(layerPart(store, layer));
    layer = layer.parent ? store.hasLayer(layer.parent) : null;
  }
  if (layers.length !== diffIds.length) {
    throw new TspodError(
      'CORRUPT_STORE',
      `image ${record.id} has ${diffIds.length} layers, the store ${layers.length} of them`,
    );
  }
  const config = store.bigData(record, configDigest);
  const manifestBytes = store.bigData(record, 'manifest');
  return { record, configDigest, config, manifest: store.imageManifest(record), manifestBytes, layers };
}

function layerPart(store: Store, record: LayerRecord): LayerPart {
  const diffId = record['diff-digest'];
  const size = record['diff-size'];
  if (!diffId || size === undefined) throw new TspodError('CORRUPT_STORE', `layer ${record.id} has no digest or size`);
  const tarSplit = store.tarSplitFile(record.id);
  return { diffId, size, record, tarSplit, tar: (encoding) => store.layerTar(record.id, encoding) };
}
