/** Copies an image into a store of containers, which unpacks it. */
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/image-spec.ts';
import { parseManifest } from '../../registry/manifest.ts';
import { hostPlatform } from '../../registry/platform.ts';
import type { ImageRecord } from '../../storage/records.ts';
import { storeImage } from '../store-image.ts';
import type { ImageReader, RawManifest, StoreWriter } from '../transport/transport.ts';
import { chooseFrom } from './choose.ts';
import type { CopyOptions } from './copy-image.ts';
import { convertManifest } from './copy-instance.ts';
import { familyOf, inFamily } from './media-type.ts';
import { obeyPolicy } from './obey-policy.ts';
import { readConfig } from './read-config.ts';

/** @returns the image, and the digest of its manifest. @throws TspodError */
export async function copyIntoStore(
  writer: StoreWriter,
  reader: ImageReader,
  top: RawManifest,
  options: CopyOptions,
): Promise<{ record: ImageRecord; digest: Digest }> {
  const parsed = parseManifest(top.bytes, top.mediaType);
  const isIndex = parsed.kind === 'index';
  if (isIndex && options.select !== undefined && options.select !== 'system') {
    throw new TspodError('UNSUPPORTED', 'a store takes one image of an image index only');
  }
  const raw = isIndex ? await reader.manifest(chooseFrom(parsed, options.platform ?? hostPlatform())) : top;
  const chosen = parseManifest(raw.bytes, raw.mediaType);
  if (chosen.kind === 'index') throw new TspodError('UNSUPPORTED', `${raw.digest} is an image index in an image index`);
  await obeyPolicy(reader, raw, options);
  const { bytes, digest, manifest } = storable(
    { ...raw, mediaType: chosen.mediaType },
    chosen.manifest,
    reader,
    options,
  );
  const record = await storeImage(
    writer.store,
    {
      manifest: { bytes, digest, manifest },
      index: isIndex && digest === raw.digest ? top : undefined,
      config: () => readConfig(reader, manifest.config),
      layer: (descriptor) => reader.blob(descriptor),
    },
    { names: writer.names, onProgress: options.onProgress },
  );
  return { record, digest };
}

/** The manifest with the layers that the reader has, in the types that were asked for. */
function storable(raw: RawManifest, manifest: Manifest, reader: ImageReader, { format, preserveDigests }: CopyOptions) {
  const family = format ?? familyOf(raw.mediaType);
  const own = reader.layers?.(manifest);
  const layers = manifest.layers.map((layer, at) => {
    const descriptor = own?.[at]?.descriptor;
    const read = descriptor && descriptor.digest !== layer.digest ? descriptor : layer;
    return { ...read, mediaType: inFamily(read.mediaType, family) };
  });
  const mediaType = inFamily(raw.mediaType, family);
  const { bytes, digest } = convertManifest(raw, { manifest, layers, mediaType, preserveDigests });
  return { bytes, digest, manifest: { ...manifest, layers } };
}
