/** Writes one image as an OCI layout or as the folder that skopeo calls `dir`, into a tar or a folder. */
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { Descriptor, Manifest } from '../../oci/image-spec.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { digestOf } from '../../registry/manifest.ts';
import type { OnCopyEvent } from '../events.ts';
import { type BlobFile, blobFile } from './compress.ts';
import type { ImageParts } from './image-parts.ts';
import { layerBlob } from './layer-blob.ts';

/** Where the files of a layout go. */
export interface LayoutTarget {
  file(name: string, content: Uint8Array): void;
  blob(name: string, blob: BlobFile): Promise<void>;
}

export interface LayoutOptions {
  /** Full name, or '' for an image that was asked for by its id. */
  name: string;
  uncompressed: boolean;
  /** For temporary files. */
  folder: string;
  onProgress: OnCopyEvent;
}

export async function writeOciLayout(parts: ImageParts, target: LayoutTarget, options: LayoutOptions): Promise<void> {
  const layers = await writeLayers(parts, target, { ...options, prefix: 'blobs/sha256/' });
  const config = { mediaType: mediaTypes.ociConfig, digest: parts.configDigest, size: parts.config.length };
  target.file(blobName(parts.configDigest), parts.config);
  const { annotations } = parts.manifest;
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config,
    layers: layers.map(({ digest, size }) => ({ mediaType: ociLayerType(options.uncompressed), digest, size })),
    ...(annotations ? { annotations } : {}),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = digestOf(bytes);
  finish(parts, options.onProgress);
  target.file(blobName(digest), bytes);
  const named = options.name ? { annotations: { 'org.opencontainers.image.ref.name': options.name } } : {};
  const entry: Descriptor = { mediaType: mediaTypes.ociManifest, digest, size: bytes.length, ...named };
  const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [entry] };
  target.file('index.json', Buffer.from(JSON.stringify(index)));
  target.file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
}

export async function writeDirLayout(parts: ImageParts, target: LayoutTarget, options: LayoutOptions): Promise<void> {
  const layers = await writeLayers(parts, target, { ...options, prefix: '' });
  target.file(hexOf(parts.configDigest), parts.config);
  const mediaType = options.uncompressed ? mediaTypes.dockerLayer : mediaTypes.dockerLayerGzip;
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifest,
    config: { mediaType: mediaTypes.dockerConfig, size: parts.config.length, digest: parts.configDigest },
    layers: layers.map(({ digest, size }) => ({ mediaType, size, digest })),
  };
  finish(parts, options.onProgress);
  target.file('manifest.json', Buffer.from(JSON.stringify(manifest)));
  target.file('version', Buffer.from('Directory Transport Version: 1.1\n'));
}

async function writeLayers(
  parts: ImageParts,
  target: LayoutTarget,
  { prefix, uncompressed, folder, onProgress }: LayoutOptions & { prefix: string },
): Promise<{ digest: Digest; size: number }[]> {
  const written = new Map<Digest, { digest: Digest; size: number }>();
  for (const layer of parts.layers) {
    const { diffId, size } = layer;
    if (written.has(diffId)) continue;
    onProgress({ type: 'blob', digest: diffId, size, exists: false });
    const blob = await blobFile(await layerBlob(layer, { compression: uncompressed ? 'none' : 'gzip' }), folder);
    try {
      await target.blob(prefix + hexOf(blob.digest), blob);
    } finally {
      blob.remove();
    }
    written.set(diffId, { digest: blob.digest, size: blob.size });
    onProgress({ type: 'blob-done', digest: diffId });
  }
  return parts.layers.flatMap(({ diffId }) => written.get(diffId) ?? []);
}

function finish(parts: ImageParts, onProgress: OnCopyEvent): void {
  onProgress({ type: 'config', digest: parts.configDigest, size: parts.config.length });
  onProgress({ type: 'manifest' });
}

function ociLayerType(uncompressed: boolean): string {
  return uncompressed ? mediaTypes.ociLayer : mediaTypes.ociLayerGzip;
}

function blobName(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}
