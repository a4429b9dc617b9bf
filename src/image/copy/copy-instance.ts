/** Copies one image: its layers, its configuration, and a manifest that is changed only where it must be. */
import { TspodError } from '../../errors.ts';
import type { Descriptor, Manifest } from '../../oci/image-spec.ts';
import { digestOf, parseManifest } from '../../registry/manifest.ts';
import type { RawManifest } from '../transport/transport.ts';
import type { Copying } from './copy-image.ts';
import { copyLayers } from './copy-layers.ts';
import { type Family, familyOf, inFamily, isImageConfig } from './media-type.ts';
import { obeyPolicy } from './obey-policy.ts';
import { newSignatures, sourceSignatures, writeSignatures } from './sign.ts';
import { verified } from './verified.ts';

/**
 * @param isPart it is one of several images of an index
 * @returns the manifest as it was written
 * @throws TspodError UNSUPPORTED, CORRUPT_BLOB, and what reader and writer throw
 */
export async function copyInstance(copying: Copying, raw: RawManifest, isPart = false): Promise<RawManifest> {
  const { writer, onProgress, preserveDigests } = copying;
  const parsed = parseManifest(raw.bytes, raw.mediaType);
  if (parsed.kind === 'index') throw new TspodError('UNSUPPORTED', `${raw.digest} is an image index in an image index`);
  await obeyPolicy(copying.reader, raw, copying);
  const { manifest } = parsed;
  const old = await sourceSignatures(copying, raw);
  const family = familyFor(copying, raw, manifest);
  const layers = await copyLayers(copying, manifest, family);
  await copyConfig(copying, manifest.config);
  const mediaType = inFamily(raw.mediaType, family);
  const written = convertManifest(raw, { manifest, layers, mediaType, preserveDigests, isSigned: old.length > 0 });
  const signatures = [...old, ...(await newSignatures(copying, written.digest))];
  onProgress({ type: 'manifest' });
  await writer.manifest(written, isPart ? written.digest : undefined);
  await writeSignatures(copying, written.digest, { signatures, isPart });
  return written;
}

/** Docker's or OCI's types: those that were asked for, else those of the image where the target takes them. */
function familyFor({ writer, format, compression }: Copying, { mediaType }: RawManifest, { config }: Manifest): Family {
  const takes = (type: string) => writer.types.length === 0 || writer.types.includes(type);
  // Docker's manifests know no zstd.
  const own = compression?.format === 'zstd' && writer.layers === 'compressed' ? 'oci' : familyOf(mediaType);
  const wanted = inFamily(mediaType, format ?? own);
  const type = takes(wanted) ? wanted : inFamily(mediaType, familyOf(writer.types[0] ?? wanted));
  if (!takes(type) || (type !== mediaType && !isImageConfig(config.mediaType))) {
    throw new TspodError('UNSUPPORTED', `manifests of type "${mediaType}" cannot be converted for this target`);
  }
  return familyOf(type);
}

async function copyConfig({ reader, writer, onProgress }: Copying, config: Descriptor): Promise<void> {
  onProgress({ type: 'config', digest: config.digest, size: config.size });
  if (await writer.has(config)) return;
  await writer.put(config, verified(reader.blob(config), config), true);
}

interface Parts {
  manifest: Manifest;
  layers: Descriptor[];
  mediaType: string;
  preserveDigests?: boolean | undefined;
  /** Signatures of the manifest are copied too. */
  isSigned?: boolean;
}

/**
 * The manifest with other layers or of another type. The bytes stay as they are unless something is different: then
 * signatures and digests would not fit any more.
 *
 * @throws TspodError UNSUPPORTED where that is forbidden
 */
export function convertManifest(raw: RawManifest, parts: Parts): RawManifest {
  const { manifest, layers, mediaType, preserveDigests, isSigned } = parts;
  if (mediaType === raw.mediaType && layers.every((layer, at) => isSame(layer, manifest.layers[at]))) return raw;
  if (preserveDigests) {
    throw new TspodError('UNSUPPORTED', 'the digest of the manifest would change, and --preserve-digests forbids that');
  }
  if (isSigned) {
    throw new TspodError('UNSUPPORTED', 'the manifest would change, and its signatures would not fit any more', {
      hint: 'use --remove-signatures',
    });
  }
  const bytes = Buffer.from(JSON.stringify(newManifest(manifest, layers, mediaType)));
  return { bytes, digest: digestOf(bytes), mediaType };
}

function isSame(layer: Descriptor, original: Descriptor | undefined): boolean {
  return layer.digest === original?.digest && layer.mediaType === original.mediaType;
}

/** In the order of fields that other tools write, so that the same image gets the same digest. */
function newManifest(manifest: Manifest, layers: Descriptor[], mediaType: string): object {
  const family = familyOf(mediaType);
  const { mediaType: configType, digest, size } = manifest.config;
  const type = inFamily(configType, family);
  if (family === 'docker') {
    return {
      schemaVersion: 2,
      mediaType,
      config: { mediaType: type, size, digest },
      layers: layers.map(({ mediaType: own, size: bytes, digest: sum, urls }) => ({
        mediaType: own,
        size: bytes,
        digest: sum,
        ...(urls ? { urls } : {}),
      })),
    };
  }
  const { artifactType, annotations } = manifest;
  const artifact = artifactType ? { artifactType } : {};
  const config = { mediaType: type, digest, size };
  const ordered = layers.map(({ mediaType: own, digest: sum, size: bytes, ...rest }) => ({
    mediaType: own,
    digest: sum,
    size: bytes,
    ...rest,
  }));
  return { schemaVersion: 2, mediaType, ...artifact, config, layers: ordered, ...(annotations ? { annotations } : {}) };
}
