/** The policy for an image that leaves the store, and the signatures that Podman or skopeo kept with it. */
import type { Digest } from '../../oci/digest.ts';
import { hexOf } from '../../oci/digest.ts';
import { digestOf } from '../../registry/manifest.ts';
import { parseDocker } from '../../registry/reference.ts';
import type { ImageRecord } from '../../storage/records.ts';
import type { Store } from '../../storage/store.ts';
import { enforcePolicy } from './enforce.ts';
import { type Signature, signatureFrom } from './signature.ts';
import { storageSubject } from './subject.ts';

/** @param name the full name by which the image is meant, or an id. @throws TspodError POLICY and its relatives */
export function enforceStorePolicy(
  store: Store,
  { record, name }: { record: ImageRecord; name: string },
  file?: string,
): Promise<void> {
  const place = { driver: store.driver.name, root: store.paths.graphRoot };
  const reference = record.names?.includes(name) ? parseDocker(name) : null;
  const manifest = store.bigData(record, 'manifest');
  const signatures = async () => storedSignatures(store, record, digestOf(manifest));
  return enforcePolicy({ ...storageSubject(place, reference, record.id), manifest, signatures }, file);
}

/** Written by containers/image as one item of the image, with the lengths in its metadata. */
export function storedSignatures(store: Store, record: ImageRecord, digest: Digest): Signature[] {
  const key = `signature-${hexOf(digest)}`;
  const sizes = sizesIn(record.metadata, digest);
  if (sizes.length === 0 || !record['big-data-names']?.includes(key)) return [];
  const bytes = store.bigData(record, key);
  let offset = 0;
  return sizes.map((size) => {
    const start = offset;
    offset += size;
    return signatureFrom(bytes.subarray(start, offset));
  });
}

function sizesIn(metadata: string | undefined, digest: Digest): number[] {
  const parsed = JSON.parse(metadata || '{}') as { 'signatures-sizes'?: Record<string, unknown> };
  const sizes = parsed['signatures-sizes']?.[digest];
  return Array.isArray(sizes) ? sizes.filter((size) => Number.isSafeInteger(size) && size > 0) : [];
}
