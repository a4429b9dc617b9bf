/** What a manifest list in the store means to commands that want an image: the one of its images for this machine. */
import type { Index, Platform } from '../../oci/image-spec.ts';
import { chooseInstance, hostPlatform } from '../../registry/platform.ts';
import { isManifestList } from '../../storage/image-data.ts';
import type { ImageRecord } from '../../storage/records.ts';
import type { Store } from '../../storage/store.ts';

/** The record itself if it is no list; null when the store lacks the image of the list that fits. */
export function instanceOf(store: Store, record: ImageRecord, platform = hostPlatform()): ImageRecord | null {
  if (!isManifestList(record)) return record;
  const digest = chosenDigest(store, record, platform);
  return store.images().find((image) => digest !== null && hasManifest(image, digest)) ?? null;
}

/** True if the image came with this manifest. */
export function hasManifest(image: ImageRecord, digest: string): boolean {
  if (isManifestList(image)) return false;
  return image.digest === digest || (image['big-data-names']?.includes(`manifest-${digest}`) ?? false);
}

function chosenDigest(store: Store, record: ImageRecord, platform: Platform): string | null {
  try {
    const index = JSON.parse(store.bigData(record, 'manifest').toString('utf8')) as Index;
    return chooseInstance(index, platform).digest;
  } catch {
    return null; // damaged, or nothing in it fits
  }
}
