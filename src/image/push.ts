/** Pushing an image of the store to a registry. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { loadRegistriesConf } from '../config/registries-conf.ts';
import { TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor, Manifest } from '../oci/image-spec.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { endpointsFor } from '../registry/endpoint.ts';
import { digestOf } from '../registry/manifest.ts';
import { formatReference, parseDocker, type Reference, withDefaultTag } from '../registry/reference.ts';
import type { Session } from '../registry/session.ts';
import { hasBlob, uploadBlob, uploadManifest } from '../registry/upload.ts';
import type { ImageContext } from './context.ts';
import type { OnCopyEvent } from './events.ts';
import { requireImage } from './lookup.ts';
import { clientFor, type RemoteOptions } from './open-source.ts';
import { blobFile } from './save/compress.ts';
import { type ImageParts, imageParts, type LayerPart } from './save/image-parts.ts';

export interface PushOptions extends RemoteOptions {
  /** Type of the manifest; default: that of the image. */
  format?: 'oci' | 'v2s2' | undefined;
  onProgress?: OnCopyEvent;
}

interface Target {
  session: Session;
  reference: Reference;
  folder: string;
  onProgress: OnCopyEvent;
}

/**
 * Pushes an image.
 *
 * @param destination where to; '' for the image's own name
 * @returns the digest of the manifest
 * @throws TspodError NO_SUCH_IMAGE, UNAUTHORIZED, REGISTRY, UNREACHABLE, CORRUPT_STORE
 */
export async function pushImage(
  context: ImageContext,
  source: string,
  destination: string,
  options: PushOptions = {},
): Promise<Digest> {
  const { record, name } = requireImage(context, source);
  const wanted = withDefaultTag(parseDocker((destination || name).replace(/^docker:\/\//, '')));
  const system = { ...context.systemContext, ...options };
  const endpoint = endpointsFor(loadRegistriesConf(system.registriesConf), wanted).at(-1);
  if (!endpoint) throw new TspodError('NOT_FOUND', 'no registry to push to');
  const client = clientFor(endpoint, wanted, system, 'pull,push');
  const folder = await mkdtemp(`${process.env['TMPDIR'] || '/var/tmp'}/tspod-`);
  const { onProgress = () => {} } = options;
  onProgress({ type: 'signatures' });
  try {
    const target = { session: client.session, reference: endpoint.reference, folder, onProgress };
    return await push(imageParts(context.store, record), target, options);
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    throw new TspodError(error.code, `pushing image to docker://${formatReference(wanted)}: ${error.message}`, {
      cause: error,
    });
  } finally {
    await client.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function push(parts: ImageParts, target: Target, { format }: PushOptions): Promise<Digest> {
  const { session, reference, onProgress } = target;
  const isDocker = format ? format === 'v2s2' : parts.manifest.mediaType === mediaTypes.dockerManifest;
  const layers = await pushLayers(
    parts.layers,
    target,
    isDocker ? mediaTypes.dockerLayerGzip : mediaTypes.ociLayerGzip,
  );
  const config = { digest: parts.configDigest, size: parts.config.length };
  onProgress({ type: 'config', ...config });
  if (!(await hasBlob(session, reference, config.digest))) {
    await uploadBlob(session, reference, {
      ...config,
      stream: async function* () {
        yield parts.config;
      },
    });
  }
  const mediaType = isDocker ? mediaTypes.dockerManifest : mediaTypes.ociManifest;
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: isDocker ? mediaTypes.dockerConfig : mediaTypes.ociConfig, ...config },
    layers,
    ...(parts.manifest.annotations && !isDocker ? { annotations: parts.manifest.annotations } : {}),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = digestOf(bytes);
  onProgress({ type: 'manifest' });
  await uploadManifest(session, reference, { which: reference.tag || digest, bytes, mediaType });
  return digest;
}

/** Two at a time: compressing is what takes long, and a layer may occur twice in one image. */
async function pushLayers(layers: LayerPart[], target: Target, mediaType: string): Promise<Descriptor[]> {
  const done = new Map<Digest, Descriptor>();
  const waiting = [...new Map(layers.map((layer) => [layer.diffId, layer])).values()];
  const work = async () => {
    for (let layer = waiting.shift(); layer; layer = waiting.shift()) {
      done.set(layer.diffId, await pushLayer(layer, target, mediaType));
    }
  };
  await Promise.all([work(), work()]);
  return layers.flatMap(({ diffId }) => done.get(diffId) ?? []);
}

async function pushLayer(layer: LayerPart, target: Target, mediaType: string): Promise<Descriptor> {
  const { session, reference, folder, onProgress } = target;
  onProgress({ type: 'blob', digest: layer.diffId, size: layer.size, exists: false });
  const known = await existingBlob(layer, target);
  if (known) {
    onProgress({ type: 'blob-done', digest: layer.diffId });
    return { mediaType, ...known };
  }
  const blob = await blobFile(layer.tar(), folder);
  try {
    if (!(await hasBlob(session, reference, blob.digest))) await uploadBlob(session, reference, blob);
  } finally {
    blob.remove();
  }
  onProgress({ type: 'blob-done', digest: layer.diffId });
  return { mediaType, digest: blob.digest, size: blob.size };
}

/** The very blob that was pulled may be there already: then nothing needs to be compressed. */
async function existingBlob({ record }: LayerPart, { session, reference }: Target) {
  const { 'compressed-diff-digest': digest, 'compressed-size': size, compression } = record;
  const isGzip = compression === 2;
  if (!digest || !size || !isGzip) return null;
  return (await hasBlob(session, reference, digest)) ? { digest, size } : null;
}
