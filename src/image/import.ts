/** A tar of a root file system becomes an image with one layer. */
import { createReadStream } from 'node:fs';
import { TspodError } from '../errors.ts';
import { hexOf } from '../oci/digest.ts';
import type { ImageConfig, ImageExecConfig, Manifest } from '../oci/image-spec.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { digestOf } from '../registry/manifest.ts';
import { hostPlatform } from '../registry/platform.ts';
import { formatReference, parseLocal } from '../registry/reference.ts';
import type { StagedLayer } from '../storage/store.ts';
import { applyChanges } from './config-changes.ts';
import type { ImageContext } from './context.ts';
import type { OnCopyEvent } from './events.ts';

export interface ImportOptions {
  changes?: readonly string[];
  message?: string | undefined;
  os?: string | undefined;
  arch?: string | undefined;
  variant?: string | undefined;
  /** The name that the image gets. */
  reference?: string | undefined;
  onProgress?: OnCopyEvent;
}

/**
 * Imports a tarball, compressed or not.
 *
 * @returns the id of the image
 * @throws TspodError BAD_ARGUMENT, CORRUPT_BLOB, REFUSED_LAYER
 */
export async function importTarball(context: ImageContext, path: string, options: ImportOptions = {}): Promise<string> {
  const config: ImageExecConfig = {};
  applyChanges(config, options.changes ?? []);
  const names = options.reference ? [formatReference(parseLocal(options.reference))] : [];
  const { onProgress = () => {} } = options;
  onProgress({ type: 'signatures' });
  const staged = await context.store.stageLayer(createReadStream(path, { highWaterMark: 256 * 1024 }), {});
  const { compressedDigest: digest, compressedSize: size } = staged.result;
  onProgress({ type: 'blob', digest, size, exists: false });
  onProgress({ type: 'blob-done', digest });
  const image = imageConfig(staged, config, options);
  const bytes = Buffer.from(JSON.stringify(image));
  const manifest = manifestFor(staged, bytes);
  const manifestBytes = Buffer.from(JSON.stringify(manifest));
  onProgress({ type: 'config', digest: manifest.config.digest, size: bytes.length });
  onProgress({ type: 'manifest' });
  const record = await context.store.commitImage({
    id: hexOf(manifest.config.digest),
    names,
    staged: [staged],
    created: image.created ?? '',
    digest: digestOf(manifestBytes),
    bigData: [
      [manifest.config.digest, bytes],
      [`manifest-${digestOf(manifestBytes)}`, manifestBytes],
      ['manifest', manifestBytes],
    ],
    metadata: '{}',
  });
  return record.id;
}

function imageConfig(staged: StagedLayer, config: ImageExecConfig, options: ImportOptions): ImageConfig {
  const created = new Date().toISOString();
  const host = hostPlatform();
  const comment = options.message || 'imported from tarball';
  const step = `/bin/sh -c #(nop) ADD file:${hexOf(staged.diffId)} in /`;
  return {
    created,
    architecture: options.arch || host.architecture,
    ...(options.variant ? { variant: options.variant } : {}),
    os: options.os || host.os,
    config,
    rootfs: { type: 'layers', diff_ids: [staged.diffId] },
    history: [{ created, created_by: step, comment }],
  };
}

function manifestFor({ result }: StagedLayer, config: Buffer): Manifest {
  const types: Record<number, string> = {
    0: mediaTypes.ociLayer,
    2: mediaTypes.ociLayerGzip,
    4: mediaTypes.ociLayerZstd,
  };
  const mediaType = types[result.compression];
  if (!mediaType) throw new TspodError('UNSUPPORTED', 'the compression of the tarball is not supported');
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: digestOf(config), size: config.length },
    layers: [{ mediaType, digest: result.compressedDigest, size: result.compressedSize }],
  };
}
