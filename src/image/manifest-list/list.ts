/**
 * Manifest lists as Podman keeps them in the store: an image record without layers whose big data are the index, the
 * places where its images are (`instances.json`), and the files that it describes itself (`artifacts.json`).
 */
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, Index, Platform } from '../../oci/image-spec.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { digestOf, parseManifest } from '../../registry/manifest.ts';
import { formatReference, parseLocal } from '../../registry/reference.ts';
import { isManifestList } from '../../storage/image-data.ts';
import type { ImageRecord } from '../../storage/records.ts';
import { withLock } from '../../system/lock.ts';
import { randomBytes } from '../../system/random.ts';
import type { ImageContext } from '../context.ts';
import { requireRecord } from '../lookup.ts';

/** Artifacts of files: keys are digests of manifests, or of blobs in `detached` and `blobs`. */
export interface ListArtifacts {
  /** The text of the manifest. */
  manifests?: Record<string, string>;
  /** Paths, to be shown. */
  files?: Record<string, string[]>;
  config?: Record<string, Digest>;
  layers?: Record<string, Digest[]>;
  /** Paths of blobs. */
  detached?: Record<string, string>;
  /** Small blobs themselves, in base64. */
  blobs?: Record<string, string>;
}

export interface ManifestList {
  id: string;
  index: Index;
  /** Digest of a manifest to the name of the image that has it; '' is the list itself. */
  instances: Record<string, string>;
  artifacts: ListArtifacts;
}

/** @throws TspodError NO_SUCH_IMAGE, BAD_ARGUMENT when it is an image, CORRUPT_STORE */
export function requireList(context: ImageContext, nameOrId: string): ManifestList {
  const { record, name } = requireRecord(context, nameOrId);
  if (!isManifestList(record)) throw new TspodError('BAD_ARGUMENT', `${name}: image is not a manifest list`);
  return loadList(context, record);
}

/**
 * Makes an empty list.
 * @returns its id
 * @throws TspodError BAD_ARGUMENT when the name is taken
 */
export async function createList(context: ImageContext, name: string, amend = false): Promise<string> {
  const full = formatReference(parseLocal(name));
  const other = context.store.imageByName(full);
  if (other && amend && isManifestList(other)) return other.id;
  if (other) {
    throw new TspodError(
      'BAD_ARGUMENT',
      `image name "${full}" is already associated with image "${other.id}": that name is already in use`,
    );
  }
  const index: Index = { schemaVersion: 2, mediaType: mediaTypes.dockerList, manifests: [] };
  const list: ManifestList = { id: randomBytes(32).toString('hex'), index, instances: {}, artifacts: {} };
  await saveList(context, list, [full]);
  return list.id;
}

/** Changes a list while no other process does. @returns its id */
export async function updateList(
  context: ImageContext,
  nameOrId: string,
  change: (list: ManifestList) => void | Promise<void>,
): Promise<string> {
  const { id } = requireList(context, nameOrId);
  const { runRoot } = context.store.paths;
  const { mkdirSync } = await import('node:fs');
  mkdirSync(`${runRoot}/overlay-locks`, { recursive: true, mode: 0o700 });
  // Podman's lock for the same purpose.
  return withLock(`${runRoot}/overlay-locks/sha256:${id}`, 'exclusive', async () => {
    const list = requireList(context, id);
    await change(list);
    list.instances[''] = id;
    await saveList(context, list, []);
    return id;
  });
}

/** The bytes of an index, as Docker's list when it says nothing that only OCI's can say. */
export function serializeIndex(index: Index, wanted?: 'oci' | 'v2s2'): { bytes: Buffer; mediaType: string } {
  const isOci = wanted ? wanted === 'oci' : needsOci(index);
  const mediaType = isOci ? mediaTypes.ociIndex : mediaTypes.dockerList;
  const { manifests, artifactType, subject, annotations } = index;
  const entries = manifests.map(isOci ? ociEntry : dockerEntry);
  const extra = isOci ? { artifactType, subject, annotations } : {};
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...extra, manifests: entries }));
  return { bytes, mediaType };
}

function needsOci({ artifactType, subject, annotations, manifests }: Index): boolean {
  if (artifactType || subject || annotations) return true;
  return manifests.some(
    (entry) => entry.artifactType || entry.annotations || entry.mediaType === mediaTypes.ociManifest,
  );
}

function ociEntry(entry: Descriptor): Descriptor {
  const { mediaType, digest, size, urls, annotations, data, artifactType } = entry;
  const { features: _, ...platform } = entry.platform ?? { architecture: '', os: '' };
  const isEmpty = Object.values(platform).every((value) => value === '');
  return compact({
    mediaType,
    digest,
    size,
    urls,
    annotations,
    data,
    platform: isEmpty ? undefined : platform,
    artifactType,
  });
}

function dockerEntry({ mediaType, size, digest, urls, platform }: Descriptor): Descriptor {
  return compact({ mediaType, size, digest, urls, platform: platform ?? { architecture: '', os: '' } });
}

/** Drops what is not there. */
function compact(entry: { [K in keyof Descriptor]: Descriptor[K] | undefined }): Descriptor {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as unknown as Descriptor;
}

function loadList(context: ImageContext, record: ImageRecord): ManifestList {
  const bytes = context.store.bigData(record, 'manifest');
  const parsed = parseManifest(bytes);
  if (parsed.kind !== 'index') throw new TspodError('CORRUPT_STORE', `image "${record.id}" is not a manifest list`);
  const hasArtifacts = record['big-data-names']?.includes('artifacts.json');
  return {
    id: record.id,
    index: parsed.index,
    instances: stringsOf(context, record, 'instances.json') as Record<string, string>,
    artifacts: hasArtifacts ? (stringsOf(context, record, 'artifacts.json') as ListArtifacts) : {},
  };
}

function stringsOf({ store }: ImageContext, record: ImageRecord, key: string): object {
  try {
    const value: unknown = JSON.parse(store.bigData(record, key).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw new TspodError('CORRUPT_STORE', `image "${record.id}": its ${key} in the store cannot be read`, { cause });
  }
  return {};
}

async function saveList(context: ImageContext, list: ManifestList, names: string[]): Promise<void> {
  const { bytes } = serializeIndex(list.index);
  const before = context.store.imageById(list.id);
  await context.store.commitImage({
    id: list.id,
    names,
    staged: [],
    created: before?.created ?? new Date().toISOString(),
    digest: digestOf(bytes),
    bigData: [
      ['manifest', bytes],
      ['instances.json', Buffer.from(JSON.stringify(list.instances))],
      ['artifacts.json', Buffer.from(JSON.stringify(list.artifacts))],
    ],
  });
}

/** A platform without its empty parts. */
export function platformOf(parts: { [K in keyof Platform]?: Platform[K] | undefined }): Platform {
  const { architecture = '', os = '', ...rest } = parts;
  const kept = Object.entries(rest).filter(([, value]) => value !== undefined && value !== '' && value.length > 0);
  return { architecture, os, ...Object.fromEntries(kept) };
}
