/** A container becomes an image: its image's layers, and one of what it wrote. */
import { Readable } from 'node:stream';
import { TspodError } from '../errors.ts';
import { hexOf } from '../oci/digest.ts';
import type { Descriptor, ImageConfig, ImageExecConfig, Manifest } from '../oci/image-spec.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { digestOf } from '../registry/manifest.ts';
import { hostPlatform } from '../registry/platform.ts';
import { formatReference, parseLocal } from '../registry/reference.ts';
import type { ImageRecord, LayerRecord } from '../storage/records.ts';
import type { StagedLayer } from '../storage/store.ts';
import { applyChanges } from './config-changes.ts';
import type { ImageContext } from './context.ts';
import type { OnCopyEvent } from './events.ts';

export interface CommitOptions {
  format: 'oci' | 'docker';
  /** The name that the image gets. */
  reference?: string | undefined;
  author?: string | undefined;
  message?: string | undefined;
  changes: readonly string[];
  onProgress: OnCopyEvent;
}

export interface CommitSource {
  /** The container's id in the store. */
  containerId: string;
  /** Full name of its image. */
  imageName: string;
  /** What a container of the new image starts with; keys that are missing stay as the image had them. */
  exec: ImageExecConfig;
}

/**
 * Makes the image.
 *
 * @returns its id
 * @throws TspodError NO_SUCH_CONTAINER, NO_SUCH_IMAGE, BAD_ARGUMENT
 */
export async function commitContainer(
  { store }: ImageContext,
  source: CommitSource,
  options: CommitOptions,
): Promise<string> {
  const names = options.reference ? [formatReference(parseLocal(options.reference))] : [];
  const record = store.containers().find(({ id }) => id === source.containerId);
  if (!record) throw new TspodError('NO_SUCH_CONTAINER', `no container with ID "${source.containerId}" in the store`);
  const base = record.image ? baseOf(store, record.image) : { layers: [], config: null };
  const exec: ImageExecConfig = { ...base.config?.config, ...source.exec };
  applyChanges(exec, options.changes);
  options.onProgress({ type: 'signatures' });
  const staged = await store.stageLayer(Readable.from(await store.tarOfChanges(record.layer)), {});
  const config = newConfig(base.config, exec, staged, source, options);
  const { bytes, manifest } = documents(config, base.layers, staged, options);
  const manifestDigest = digestOf(bytes.manifest);
  report(manifest, options.onProgress);
  const image = store.commitImage({
    id: hexOf(manifest.config.digest),
    names,
    staged: [...base.layers.map(({ id }) => id), staged],
    created: config.created ?? '',
    digest: manifestDigest,
    bigData: [
      [manifest.config.digest, bytes.config],
      [`manifest-${manifestDigest}`, bytes.manifest],
      ['manifest', bytes.manifest],
    ],
    metadata: '{}',
  });
  return (await image).id;
}

/** The layers of an image, base first, and its configuration. */
function baseOf(store: ImageContext['store'], id: string): { layers: LayerRecord[]; config: ImageConfig } {
  const image: ImageRecord | null = store.imageById(id);
  if (!image) throw new TspodError('NO_SUCH_IMAGE', `${id}: image not known`);
  const layers: LayerRecord[] = [];
  for (let layer = image.layer ? store.hasLayer(image.layer) : null; layer; ) {
    layers.unshift(layer);
    layer = layer.parent ? store.hasLayer(layer.parent) : null;
  }
  return { layers, config: store.imageConfig(image) };
}

function newConfig(
  base: ImageConfig | null,
  exec: ImageExecConfig,
  staged: StagedLayer,
  { imageName }: CommitSource,
  { author, message }: CommitOptions,
): ImageConfig {
  const created = new Date().toISOString();
  const host = hostPlatform();
  const comment = [message, imageName && `FROM ${imageName}`].filter(Boolean).join('; ');
  const step = { created, created_by: '/bin/sh', ...(author && { author }), ...(comment && { comment }) };
  return {
    architecture: host.architecture,
    os: host.os,
    ...base,
    created,
    ...(author && { author }),
    ...(message && { comment: message }),
    config: exec,
    rootfs: { type: 'layers', diff_ids: [...(base?.rootfs.diff_ids ?? []), staged.diffId] },
    history: [...(base?.history ?? []), step],
  };
}

function documents(image: ImageConfig, base: LayerRecord[], staged: StagedLayer, { format }: CommitOptions) {
  const docker = format === 'docker';
  const mediaType = docker ? mediaTypes.dockerLayer : mediaTypes.ociLayer;
  const config = Buffer.from(JSON.stringify(image));
  const below = base.map((layer) => ({ digest: layer['diff-digest'], size: layer['diff-size'] ?? 0 }));
  const layers = [...below, { digest: staged.diffId, size: staged.result.diffSize }];
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: docker ? mediaTypes.dockerManifest : mediaTypes.ociManifest,
    config: {
      mediaType: docker ? mediaTypes.dockerConfig : mediaTypes.ociConfig,
      digest: digestOf(config),
      size: config.length,
    },
    layers: layers.map((layer) => ({ mediaType, ...layer }) as Descriptor),
  };
  return { manifest, bytes: { config, manifest: Buffer.from(JSON.stringify(manifest)) } };
}

function report({ layers, config }: Manifest, onProgress: OnCopyEvent): void {
  for (const { digest, size } of layers) {
    onProgress({ type: 'blob', digest, size, exists: false });
    onProgress({ type: 'blob-done', digest });
  }
  onProgress({ type: 'config', digest: config.digest, size: config.size });
  onProgress({ type: 'manifest' });
}
