/** A layer of the store as the blob that goes into a registry, an archive or a folder. */
import type { Digest } from '../../oci/digest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import type { LayerPart } from './image-parts.ts';

export interface BlobEncoding {
  compression: 'none' | 'gzip' | 'zstd' | 'zstd:chunked';
  /** 1 to 9 for gzip, 1 to 20 for zstd. */
  level?: number | undefined;
}

export interface BlobFacts {
  digest: Digest;
  size: number;
  /** Of the descriptor: where zstd:chunked has its table of contents. */
  annotations?: Record<string, string> | undefined;
}

/** Read it to its end, once; then ask for the facts. */
export interface BlobStream extends AsyncIterable<Uint8Array> {
  /** Writes it to an open file, instead of being read. */
  writeTo(fd: number): Promise<void>;
  result(): BlobFacts;
}

/** @throws TspodError CORRUPT_STORE while it is read */
export async function layerBlob(layer: LayerPart, { compression, level }: BlobEncoding): Promise<BlobStream> {
  if (compression !== 'zstd:chunked') return layer.tar({ compression, level });
  const { chunkedBlob } = await import('../chunked/write.ts');
  return chunkedBlob(layer, level);
}

/** The media type that a manifest of this kind has for such a blob. */
export function layerMediaType({ compression }: BlobEncoding, isDocker: boolean): string {
  if (compression === 'none') return isDocker ? mediaTypes.dockerLayer : mediaTypes.ociLayer;
  if (compression === 'gzip') return isDocker ? mediaTypes.dockerLayerGzip : mediaTypes.ociLayerGzip;
  return mediaTypes.ociLayerZstd;
}
