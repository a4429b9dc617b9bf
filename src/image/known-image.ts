/** What the store knows already, so that it need not be fetched. */
import type { Digest } from '../oci/digest.ts';
import { digestOf } from '../registry/manifest.ts';
import type { ImageRecord } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';

/** The bytes of a manifest or index that some image came with. */
export function knownManifest(store: Store, digest: Digest): Buffer | null {
  const key = `manifest-${digest}`;
  const record = store.images().find((image) => image['big-data-names']?.includes(key));
  if (!record) return null;
  const bytes = store.bigData(record, key);
  return digestOf(bytes) === digest ? bytes : null;
}

/** The image with all of these manifests, when its layers are there too. */
export function knownImage(store: Store, id: string, digests: Digest[]): ImageRecord | null {
  const record = store.imageById(id);
  if (!record || !digests.every((digest) => record['big-data-names']?.includes(`manifest-${digest}`))) return null;
  const ids = store.layerIds(store.imageConfig(record).rootfs.diff_ids);
  return ids.every((layer) => store.hasLayer(layer)) ? record : null;
}
