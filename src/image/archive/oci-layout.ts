/** Images of an OCI layout: a folder, or the tar of one (OCI image layout 1.1). */
import { TspodError } from '../../errors.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { Descriptor, Index, Manifest } from '../../oci/image-spec.ts';
import { digestOf, isIndexType, manifestLimit, parseManifest } from '../../registry/manifest.ts';
import { chooseInstance, hostPlatform } from '../../registry/platform.ts';
import { formatReference, parseLocal } from '../../registry/reference.ts';
import type { ImageSource } from '../store-image.ts';
import { type Archive, readEntry } from './archive.ts';

export interface ArchivedImage {
  /** Full names; none for an image that has only an id. */
  names: string[];
  source: ImageSource;
}

const configLimit = 8 * 1024 * 1024;

/** The images of a layout. @throws TspodError CORRUPT_BLOB */
export async function readOciLayout(archive: Archive): Promise<ArchivedImage[]> {
  const index = parseManifest(await readEntry(archive, 'index.json', manifestLimit));
  if (index.kind !== 'index') throw new TspodError('CORRUPT_BLOB', 'index.json in the archive is no index');
  const images: ArchivedImage[] = [];
  for (const descriptor of index.index.manifests) images.push(await readImage(archive, descriptor));
  return images;
}

async function readImage(archive: Archive, descriptor: Descriptor): Promise<ArchivedImage> {
  const top = await readManifest(archive, descriptor);
  const isIndex = top.parsed.kind === 'index';
  const chosen = top.parsed.kind === 'index' ? await chooseFrom(archive, top.parsed.index) : top;
  if (chosen.parsed.kind !== 'manifest') throw new TspodError('UNSUPPORTED', 'an index in an index is not supported');
  const { manifest } = chosen.parsed;
  return {
    names: namesOf(descriptor),
    source: {
      manifest: { bytes: chosen.bytes, digest: chosen.digest, manifest },
      index: isIndex ? { bytes: top.bytes, digest: top.digest } : undefined,
      config: () => readConfig(archive, manifest),
      layer: ({ digest }) => archive.stream(blobName(digest)),
    },
  };
}

async function readManifest(archive: Archive, { digest, mediaType }: Descriptor) {
  const bytes = await readEntry(archive, blobName(digest), manifestLimit);
  const actual = digestOf(bytes);
  if (actual !== digest) throw new TspodError('CORRUPT_BLOB', `manifest has digest ${actual}, expected ${digest}`);
  const parsed = parseManifest(bytes, mediaType);
  if (isIndexType(parsed.mediaType) !== (parsed.kind === 'index'))
    throw new TspodError('CORRUPT_BLOB', 'mixed manifest');
  return { bytes, digest, parsed };
}

function chooseFrom(archive: Archive, index: Index) {
  return readManifest(archive, chooseInstance(index, hostPlatform()));
}

/** Reads the configuration and checks it. */
export async function readConfig(archive: Archive, { config }: Manifest): Promise<Buffer> {
  const bytes = await readEntry(archive, blobName(config.digest), configLimit);
  const actual = digestOf(bytes);
  if (actual === config.digest) return bytes;
  throw new TspodError('CORRUPT_BLOB', `reading config: blob has digest ${actual}, expected ${config.digest}`);
}

/** What a descriptor in an index calls its image. @throws TspodError BAD_ARGUMENT for what is no name */
export function namesOf({ annotations }: Descriptor): string[] {
  const name = annotations?.['io.containerd.image.name'] || annotations?.['org.opencontainers.image.ref.name'];
  return name ? [formatReference(parseLocal(name))] : [];
}

function blobName(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}
