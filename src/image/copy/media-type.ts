/** Media types of Docker and their twins of OCI. */
import { mediaTypes } from '../../oci/media-types.ts';
import type { Compression } from './encoded.ts';

export type Family = 'oci' | 'docker';

const twins: readonly (readonly [docker: string, oci: string])[] = [
  [mediaTypes.dockerManifest, mediaTypes.ociManifest],
  [mediaTypes.dockerList, mediaTypes.ociIndex],
  [mediaTypes.dockerConfig, mediaTypes.ociConfig],
  [mediaTypes.dockerLayer, mediaTypes.ociLayer],
  [mediaTypes.dockerLayerGzip, mediaTypes.ociLayerGzip],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', mediaTypes.ociLayerZstd],
  [mediaTypes.dockerForeignLayer, 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip'],
  ['application/vnd.docker.image.rootfs.foreign.diff.tar', 'application/vnd.oci.image.layer.nondistributable.v1.tar'],
];

/** The same thing in the words of a family; a type that has no twin stays. */
export function inFamily(mediaType: string, family: Family): string {
  const pair = twins.find((types) => types.includes(mediaType));
  return pair ? pair[family === 'docker' ? 0 : 1] : mediaType;
}

export function familyOf(mediaType: string): Family {
  return mediaType.startsWith('application/vnd.docker.') ? 'docker' : 'oci';
}

export function layerType(compression: Compression, family: Family): string {
  const types = { gzip: mediaTypes.ociLayerGzip, zstd: mediaTypes.ociLayerZstd, none: mediaTypes.ociLayer };
  return inFamily(types[compression], family);
}

/** What a layer's type says of its compression; null for layers that are no tars. */
export function compressionOf(mediaType: string): Compression | null {
  const plain = inFamily(mediaType, 'oci');
  if (!/\btar\b/.test(plain)) return null;
  if (plain.endsWith('+gzip')) return 'gzip';
  return plain.endsWith('+zstd') ? 'zstd' : 'none';
}

/** Layers that are not to be copied, but fetched from where `urls` say. */
export function isForeign(mediaType: string): boolean {
  return /\.foreign\.|\.nondistributable\./.test(mediaType);
}

/** Of container images; other things in registries (charts, signatures, ...) are copied as they are or not at all. */
export function isImageConfig(mediaType: string): boolean {
  return mediaType === mediaTypes.dockerConfig || mediaType === mediaTypes.ociConfig;
}
