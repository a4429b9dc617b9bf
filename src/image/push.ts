/** Pushing an image of the store to a registry. */
import { loadRegistriesConf } from '../config/registries-conf.ts';
import { TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { Descriptor, Manifest } from '../oci/image-spec.ts';
import { mediaTypes } from '../oci/media-types.ts';
import type { RegistryClient } from '../registry/client.ts';
import { endpointsFor } from '../registry/endpoint.ts';
import { digestOf } from '../registry/manifest.ts';
import { formatReference, parseDocker, type Reference, withDefaultTag } from '../registry/reference.ts';
import { hasBlob, uploadBlob, uploadManifest } from '../registry/upload.ts';
import type { ImageRecord } from '../storage/records.ts';
import { type ImageContext, imageEvent } from './context.ts';
import type { OnCopyEvent } from './events.ts';
import { requireImage } from './lookup.ts';
import { clientFor, type RemoteOptions } from './open-source.ts';
import { type PushTarget, pushLayers } from './push-layers.ts';
import { type ImageParts, imageParts } from './save/image-parts.ts';
import type { BlobEncoding } from './save/layer-blob.ts';
import type { Signing } from './signature/sign-pushed.ts';
import type { Signer } from './signature/signer.ts';
import { enforceStorePolicy } from './signature/store-policy.ts';

export interface PushOptions extends RemoteOptions {
  /** Type of the manifest; default: that of the image. */
  format?: 'oci' | 'v2s2' | undefined;
  /** How layers are compressed; default gzip. */
  encoding?: BlobEncoding | undefined;
  /** Do not use blobs of the registry that are compressed otherwise. */
  forceCompression?: boolean | undefined;
  /** What signs the image under its new name. */
  signers?: readonly Signer[] | undefined;
  onProgress?: OnCopyEvent;
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
  const { policyFile } = { ...context.systemContext, ...options };
  await enforceStorePolicy(context.store, { record, name }, policyFile);
  const { client, reference } = openTarget(context, wanted, options);
  const { onProgress = () => {} } = options;
  onProgress({ type: 'signatures' });
  try {
    const target = { session: client.session, reference, onProgress, siblings: siblingsOf(record, reference) };
    const signing = await openSigning(client, wanted, options);
    const parts = imageParts(context.store, record);
    const { digest } = await pushParts(parts, target, { ...options, beforeManifest: signing?.make });
    await signing?.store(digest);
    imageEvent(context, 'push', record.id, destination || name);
    return digest;
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    throw new TspodError(error.code, `pushing image to docker://${formatReference(wanted)}: ${error.message}`, {
      cause: error,
    });
  } finally {
    await client.close();
  }
}

/** Null where nothing is to be signed: the code for it is loaded only then. @throws TspodError BAD_CONFIG */
export async function openSigning(
  client: RegistryClient,
  reference: Reference,
  { signers = [], onProgress = () => {} }: PushOptions,
): Promise<Signing | null> {
  if (signers.length === 0) return null;
  const { openSigning: open } = await import('./signature/sign-pushed.ts');
  return open(client, { signers, reference, onProgress });
}

/** A client that may write to the registry that a name leads to. */
export function openTarget(context: ImageContext, wanted: Reference, options: RemoteOptions) {
  const system = { ...context.systemContext, ...options };
  const endpoint = endpointsFor(loadRegistriesConf(system.registriesConf), wanted).at(-1);
  if (!endpoint) throw new TspodError('NOT_FOUND', 'no registry to push to');
  return { client: clientFor(endpoint, wanted, system, 'pull,push'), reference: endpoint.reference };
}

/** Repositories of the same registry under which the image is known: they may have its blobs. */
function siblingsOf({ names = [], 'names-history': history = [] }: ImageRecord, reference: Reference): string[] {
  const others = [...names, ...history].map((name) => parseDocker(name));
  const paths = others.filter(({ domain }) => domain === reference.domain).map(({ path }) => path);
  return [...new Set(paths)].filter((path) => path !== reference.path).slice(0, 2);
}

/**
 * Sends layers, configuration and manifest.
 *
 * @param byDigest do not name the manifest: it is one of a list
 * @returns the descriptor of the manifest
 */
export async function pushParts(
  parts: ImageParts,
  target: PushTarget,
  options: PushOptions & { beforeManifest?: ((digest: Digest) => Promise<void>) | undefined },
  byDigest = false,
): Promise<Descriptor> {
  const { session, reference, onProgress } = target;
  const { format, encoding = { compression: 'gzip' }, forceCompression = false } = options;
  const isDocker = format ? format === 'v2s2' : keepsDocker(parts.manifest, encoding);
  if (isDocker && encoding.compression.startsWith('zstd')) {
    throw new TspodError('BAD_ARGUMENT', `compression using ${encoding.compression} needs --format oci`);
  }
  const layers = await pushLayers(parts, target, { isDocker, encoding, force: forceCompression });
  const { bytes, mediaType } = manifestFor(parts, layers, isDocker);
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
  const digest = digestOf(bytes);
  await options.beforeManifest?.(digest);
  onProgress({ type: 'manifest' });
  const which = byDigest ? digest : reference.tag || digest;
  await uploadManifest(session, reference, { which, bytes, mediaType });
  return { mediaType, digest, size: bytes.length };
}

/** Docker's manifest has no name for zstd. */
function keepsDocker({ mediaType }: Manifest, { compression }: BlobEncoding): boolean {
  return mediaType === mediaTypes.dockerManifest && !compression.startsWith('zstd');
}

/** The very bytes that were pulled when nothing of them changes: then the digest stays. */
function manifestFor(parts: ImageParts, layers: Descriptor[], isDocker: boolean) {
  const mediaType = isDocker ? mediaTypes.dockerManifest : mediaTypes.ociManifest;
  const { manifest, configDigest: digest, config } = parts;
  const same = layers.length === manifest.layers.length && layers.every((layer, i) => equal(layer, manifest.layers[i]));
  if (same && manifest.mediaType === mediaType && manifest.config.digest === digest) {
    return { bytes: parts.manifestBytes, mediaType };
  }
  const made: Manifest = {
    schemaVersion: 2,
    mediaType,
    config: { mediaType: isDocker ? mediaTypes.dockerConfig : mediaTypes.ociConfig, digest, size: config.length },
    layers,
    ...(manifest.annotations && !isDocker ? { annotations: manifest.annotations } : {}),
  };
  return { bytes: Buffer.from(JSON.stringify(made)), mediaType };
}

function equal(a: Descriptor, b: Descriptor | undefined): boolean {
  return a.digest === b?.digest && a.size === b.size && a.mediaType === b.mediaType;
}
