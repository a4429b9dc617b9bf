/** Copies the layers of an image, several at once, compressing or decompressing what the target wants otherwise. */
import { Readable } from 'node:stream';
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, Manifest } from '../../oci/image-spec.ts';
import { decoderFor } from '../archive/compression.ts';

import type { SourceLayer } from '../transport/transport.ts';
import type { Copying } from './copy-image.ts';
import { compressionOf, type Family, inFamily, isForeign, isImageConfig, layerType } from './media-type.ts';
import { type Compression, spool } from './spool.ts';
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
  const copied = await transfer(copying, descriptor, { family, isImage });
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
async function transfer(copying: Copying, descriptor: Descriptor, { family, isImage }: Wanted) {
  const { reader, writer, folder, compression } = copying;
  const counted = watched(verified(reader.blob(descriptor), descriptor), copying, descriptor.digest);
  const { head, stream } = await peek(counted);
  // Types lie: Docker's archives call their plain layers gzip. The first bytes do not.
  const is = isImage && compressionOf(descriptor.mediaType) !== null ? actualCompression(head) : null;
  const change = changeFor(copying, is);
  if (change === null) {
    await writer.put(descriptor, stream, false);
    return null;
  }
  const decoder = is === 'none' ? null : decoderFor(head);
  const plain = decoder ? decoded(stream, decoder) : stream;
  const file = await spool(plain, folder, { compression: change, level: compression?.level });
  try {
    const made = { mediaType: layerType(change, family), digest: file.digest, size: file.size };
    if (!(await writer.has(made))) await writer.put(made, file.stream(), false);
    return made;
  } finally {
    file.remove();
  }
}

function actualCompression(head: Uint8Array): Compression {
  const magic = Buffer.from(head).toString('hex');
  if (magic.startsWith('1f8b')) return 'gzip';
  return magic.startsWith('28b52ffd') ? 'zstd' : 'none';
}

async function* decoded(
  source: AsyncIterable<Uint8Array>,
  decoder: NonNullable<ReturnType<typeof decoderFor>>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* Readable.from(source, { objectMode: false }).compose(decoder()) as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof TspodError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new TspodError('CORRUPT_BLOB', `decompressing a layer: ${reason}`, { cause: error });
  }
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
