/** What can be told about an image where it is, from its manifest and configuration alone. */
import { TspodError } from '../../errors.ts';
import type { ImageConfig, Platform } from '../../oci/image-spec.ts';
import { parseManifest } from '../../registry/manifest.ts';
import { chooseFrom } from '../copy/choose.ts';
import { isImageConfig } from '../copy/media-type.ts';
import { readConfig } from '../copy/read-config.ts';
import { parseImageConfig } from '../image-config.ts';
import type { ImageReader, RawManifest } from './transport.ts';

/** With the names that skopeo prints. */
export interface Inspected {
  Created: string | null;
  DockerVersion: string;
  Labels: Record<string, string> | null;
  Architecture: string;
  Os: string;
  Layers: string[];
  LayersData: { MIMEType: string; Digest: string; Size: number; Annotations: Record<string, string> | null }[];
  Env: string[] | null;
  /** Bytes of the configuration. */
  config: Buffer;
}

/** @param platform chosen from an index. @throws TspodError NOT_FOUND, CORRUPT_BLOB, UNSUPPORTED for an artifact */
export async function inspectImage(reader: ImageReader, top: RawManifest, platform: Platform): Promise<Inspected> {
  const parsed = parseManifest(top.bytes, top.mediaType);
  const raw = parsed.kind === 'index' ? await reader.manifest(chooseFrom(parsed, platform)) : top;
  const chosen = parseManifest(raw.bytes, raw.mediaType);
  if (chosen.kind === 'index') throw new TspodError('UNSUPPORTED', 'an image index in an image index is not supported');
  const { config: descriptor, layers } = chosen.manifest;
  const bytes = await readConfig(reader, descriptor);
  const isImage = isImageConfig(descriptor.mediaType);
  const config: Partial<ImageConfig> = isImage ? parseImageConfig(bytes, layers.length) : {};
  return {
    Created: config.created ?? null,
    DockerVersion: config.docker_version ?? '',
    Labels: config.config?.Labels ?? null,
    Architecture: config.architecture ?? '',
    Os: config.os ?? '',
    Layers: layers.map(({ digest }) => digest),
    LayersData: layers.map(({ mediaType, digest, size, annotations }) => ({
      MIMEType: mediaType,
      Digest: digest,
      Size: size,
      Annotations: annotations ?? null,
    })),
    Env: config.config?.Env ?? null,
    config: bytes,
  };
}

const order = [
  'created',
  'author',
  'architecture',
  'variant',
  'os',
  'os.version',
  'os.features',
  'config',
  'rootfs',
  'history',
];

/** The configuration with the fields of the OCI image specification only, in its order. */
export function inspectConfig(bytes: Buffer): object {
  const config = JSON.parse(bytes.toString('utf8')) as Record<string, unknown>;
  return Object.fromEntries(order.flatMap((key) => (config[key] === undefined ? [] : [[key, config[key]]])));
}
