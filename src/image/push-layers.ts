/** The layers of an image on their way to a registry: what it has is used, the rest is compressed while it is sent. */
import type { Digest } from '../oci/digest.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import type { Reference } from '../registry/reference.ts';
import type { Session } from '../registry/session.ts';
import { hasBlob, mountBlob, type StreamedBlob, uploadStream } from '../registry/upload.ts';
import { chunkedAnnotation } from './chunked/annotations.ts';
import type { OnCopyEvent } from './events.ts';
import type { ImageParts, LayerPart } from './save/image-parts.ts';
import { type BlobEncoding, type BlobFacts, type BlobStream, layerBlob, layerMediaType } from './save/layer-blob.ts';

export interface PushTarget {
  session: Session;
  reference: Reference;
  onProgress: OnCopyEvent;
  /** Other repositories of the registry that may have the blobs. */
  siblings: string[];
}

export interface LayerRules {
  isDocker: boolean;
  encoding: BlobEncoding;
  /** Do not use blobs of the registry that are compressed otherwise. */
  force: boolean;
}

/** Layers under way: compressing takes all cores anyway, and more hide the latency of a registry. */
const parallel = 4;

/** @returns the descriptors in the order of the image. @throws TspodError */
export async function pushLayers(parts: ImageParts, target: PushTarget, rules: LayerRules): Promise<Descriptor[]> {
  const done = new Map<Digest, Descriptor>();
  // A layer may occur twice in one image.
  const waiting = [...new Map(parts.layers.map((layer) => [layer.diffId, layer])).values()];
  const work = async () => {
    for (let layer = waiting.shift(); layer; layer = waiting.shift()) {
      done.set(layer.diffId, await pushLayer(layer, parts, target, rules));
    }
  };
  const workers = await Promise.allSettled(Array.from({ length: parallel }, work));
  for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
  return parts.layers.flatMap(({ diffId }) => done.get(diffId) ?? []);
}

async function pushLayer(
  layer: LayerPart,
  parts: ImageParts,
  target: PushTarget,
  rules: LayerRules,
): Promise<Descriptor> {
  const { session, reference, onProgress } = target;
  onProgress({ type: 'blob', digest: layer.diffId, size: layer.size, exists: false });
  const known = knownBlob(layer, parts);
  const isFit = known && fits(known, rules);
  if (known && isFit && (await isThere(known, target))) {
    onProgress({ type: 'blob-done', digest: layer.diffId });
    return descriptor(known, known.encoding, rules.isDocker);
  }
  const open = async () => watched(await layerBlob(layer, rules.encoding), layer.diffId, onProgress);
  const blob = await uploadStream(session, reference, open);
  onProgress({ type: 'blob-done', digest: layer.diffId });
  return descriptor(blob, rules.encoding, rules.isDocker);
}

/** The very blob that was pulled may be there already: then nothing needs to be compressed. */
async function isThere({ digest }: BlobFacts, { session, reference, siblings }: PushTarget): Promise<boolean> {
  if (await hasBlob(session, reference, digest)) return true;
  for (const from of siblings) if (await mountBlob(session, reference, { digest, from })) return true;
  return false;
}

interface KnownBlob extends BlobFacts {
  encoding: BlobEncoding;
}

/** What the layer was when it came here. */
function knownBlob({ record, diffId }: LayerPart, { manifest, layers }: ImageParts): KnownBlob | null {
  const index = layers.findIndex((layer) => layer.diffId === diffId);
  const described = manifest.layers.length === layers.length ? manifest.layers[index] : undefined;
  const { 'compressed-diff-digest': digest = described?.digest, 'compressed-size': size = described?.size } = record;
  if (!digest || size === undefined) return null;
  const same = described?.digest === digest ? described : undefined;
  const compression = { 2: 'gzip', 4: 'zstd' }[record.compression ?? 0] ?? named(same?.mediaType);
  if (compression === null) return null;
  const annotations = same?.annotations;
  const chunked = annotations?.[chunkedAnnotation.checksum] !== undefined;
  const encoding = { compression: chunked ? 'zstd:chunked' : compression } as BlobEncoding;
  return { digest, size, ...(annotations ? { annotations } : {}), encoding };
}

function named(mediaType = ''): 'gzip' | 'zstd' | null {
  return /[.+](gzip|zstd)$/.exec(mediaType)?.[1] as 'gzip' | 'zstd' | null;
}

function fits({ encoding }: KnownBlob, { isDocker, encoding: wanted, force }: LayerRules): boolean {
  if (isDocker && encoding.compression !== 'gzip') return false;
  if (!force || encoding.compression === wanted.compression) return true;
  return wanted.compression === 'zstd' && encoding.compression === 'zstd:chunked';
}

function descriptor({ digest, size, annotations }: BlobFacts, encoding: BlobEncoding, isDocker: boolean): Descriptor {
  const kept = annotations && !isDocker ? { annotations } : {};
  return { mediaType: layerMediaType(encoding, isDocker), digest, size, ...kept };
}

function watched(blob: BlobStream, digest: Digest, onProgress: OnCopyEvent): StreamedBlob<BlobFacts> {
  async function* chunks() {
    let bytes = 0;
    for await (const chunk of blob) {
      bytes += chunk.length;
      onProgress({ type: 'blob-progress', digest, bytes });
      yield chunk;
    }
  }
  return { [Symbol.asyncIterator]: chunks, result: () => blob.result() };
}
