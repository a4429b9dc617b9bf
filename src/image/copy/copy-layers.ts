/** Copies the layers of an image, several at once, compressing or decompressing what the target wants otherwise. */
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, Manifest } from '../../oci/image-spec.ts';
import { decoderFor } from '../archive/compression.ts';
import type { BlobFacts, BlobStream } from '../save/layer-blob.ts';
import { naming } from '../stage-layers.ts';
import type { SourceLayer } from '../transport/transport.ts';
import type { Copying } from './copy-image.ts';
import { type Compression, encoded } from './encoded.ts';
import { compressionOf, type Family, inFamily, isForeign, isImageConfig, layerType } from './media-type.ts';
import { peek, verified } from './verified.ts';

/** @returns descriptors of what the target has now, in order. @throws the first failure */
export async function copyLayers(copying: Copying, manifest: Manifest, family: Family): Promise<Descriptor[]> {
  const layers = copying.reader.layers?.(manifest) ?? manifest.layers.map((descriptor) => ({ descriptor }));
  const done = new Map<Digest, Descriptor>();
  // One layer may occur several times.
  const waiting = [...new Map(layers.map((layer) => [layer.descriptor.digest, layer])).values()];
  const isImage = isImageConfig(manifest.config.mediaType);
  const stop = { failed: false };
  const work = async () => {
    for (let layer = waiting.shift(); layer && !stop.failed; layer = waiting.shift()) {
      const copied = await copyLayer(copying, layer, { family, isImage });
      done.set(layer.descriptor.digest, copied);
    }
  };
  const workers = Array.from({ length: copying.parallel || 6 }, () =>
    work().catch((error: unknown) => {
      stop.failed = true;
      throw error;
    }),
  );
  const outcomes = await Promise.allSettled(workers);
  const failure = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failure) throw failure.reason;
  return layers.flatMap(({ descriptor }) => done.get(descriptor.digest) ?? []);
}

interface Wanted {
  family: Family;
  /** A tar with files; other blobs are copied as they are. */
  isImage: boolean;
}

async function copyLayer(copying: Copying, layer: SourceLayer, { family, isImage }: Wanted): Promise<Descriptor> {
  const { writer, onProgress } = copying;
  const { descriptor } = layer;
  const { digest, size, mediaType } = descriptor;
  const said = isImage ? compressionOf(mediaType) : null;
  const asItIs = { ...descriptor, mediaType: inFamily(mediaType, family) };
  const skipped = (): void => onProgress({ type: 'blob', digest, size, exists: true });
  if (writer.foreign && isForeign(mediaType) && descriptor.urls?.length) return asItIs;
  if (changeFor(copying, said) === null && (await writer.has(descriptor))) {
    skipped();
    return asItIs;
  }
  const known = layer.known && changeFor(copying, 'gzip') === null && writer.layers === 'compressed';
  if (known && layer.known && (await writer.has(layer.known))) {
    skipped();
    return { ...layer.known, mediaType: inFamily(layer.known.mediaType, family) };
  }
  onProgress({ type: 'blob', digest, size, exists: false });
  const copied = await transfer(copying, layer, { family, isImage }).catch((error: unknown) => {
    throw naming(error, digest);
  });
  onProgress({ type: 'blob-done', digest });
  return copied ?? asItIs;
}

/** What has to be done to a blob of this compression: null for nothing. */
function changeFor({ writer, compression }: Copying, is: Compression | null): Compression | null {
  if (is === null || writer.layers === 'as they are') return null;
  if (writer.layers === 'plain') return is === 'none' ? null : 'none';
  if (is === 'none') return compression?.format ?? 'gzip';
  return compression?.recompress && compression.format !== is ? compression.format : null;
}

/** @returns the new descriptor; null when the blob was copied as it is */
async function transfer(copying: Copying, layer: SourceLayer, { family, isImage }: Wanted) {
  const { descriptor, packed } = layer;
  const { writer, compression } = copying;
  const said = isImage ? compressionOf(descriptor.mediaType) : null;
  const wanted = packed ? changeFor(copying, said) : null;
  if (packed && wanted) {
    const open = () => packed({ compression: wanted, level: compression?.level });
    return made(await writer.add(async () => watchedBlob(await open(), copying, descriptor.digest)), wanted, family);
  }
  let read: Peeked | null = await openBlob(copying, descriptor);
  // Types lie: Docker's archives call their plain layers gzip. The first bytes do not.
  const is = said === null ? null : actualCompression(read.head);
  const change = changeFor(copying, is);
  if (change === null) {
    await writer.put(descriptor, read.stream, false);
    return null;
  }
  const decoder = is === 'none' ? null : decoderFor(read.head);
  const open = async () => {
    const { stream } = read ?? (await openBlob(copying, descriptor));
    read = null;
    return encoded(decoder ? decoder(stream) : stream, change, compression?.level);
  };
  return made(await writer.add(open), change, family);
}

type Peeked = Awaited<ReturnType<typeof peek>>;

function openBlob(copying: Copying, descriptor: Descriptor): Promise<Peeked> {
  const bytes = verified(copying.reader.blob(descriptor), descriptor);
  return peek(watched(bytes, copying, descriptor.digest));
}

function made({ digest, size, annotations }: BlobFacts, compression: Compression, family: Family): Descriptor {
  return { mediaType: layerType(compression, family), digest, size, ...(annotations ? { annotations } : {}) };
}

function actualCompression(head: Uint8Array): Compression {
  const magic = Buffer.from(head).toString('hex');
  if (magic.startsWith('1f8b')) return 'gzip';
  return magic.startsWith('28b52ffd') ? 'zstd' : 'none';
}

async function* watched(
  source: AsyncIterable<Uint8Array>,
  { onProgress }: Copying,
  digest: Digest,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    onProgress({ type: 'blob-progress', digest, bytes });
    yield chunk;
  }
}

function watchedBlob(blob: BlobStream, copying: Copying, digest: Digest): BlobStream {
  return {
    [Symbol.asyncIterator]: () => watched(blob, copying, digest),
    writeTo: (fd) => blob.writeTo(fd),
    result: () => blob.result(),
  };
}
