/** Looking up images. */
import { TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import type { ImageRecord } from './records.ts';

/**
 * By full id or a prefix of it, with or without `sha256:`.
 * @returns null when no image has it
 * @throws AMBIGUOUS_NAME when several have
 */
export function imageById(images: ImageRecord[], text: string): ImageRecord | null {
  const prefix = text.startsWith('sha256:') ? text.slice('sha256:'.length) : text;
  if (!/^[0-9a-f]{1,64}$/.test(prefix)) return null;
  const found = images.filter((image) => image.id.startsWith(prefix));
  const exact = found.find((image) => image.id === prefix);
  if (exact || found.length < 2) return exact ?? found[0] ?? null;
  throw new TspodError('AMBIGUOUS_NAME', `${text}: ambiguous image ID: it fits ${found.length} images`);
}

/** By one of its full names, for example docker.io/library/nginx:latest. */
export function imageByName(images: ImageRecord[], name: string): ImageRecord | null {
  return images.find((image) => image.names?.includes(name)) ?? null;
}

/** Images one of whose manifests, or the list they came through, has this digest. */
export function imagesByDigest(images: ImageRecord[], digest: Digest): ImageRecord[] {
  return images.filter((image) => image.digest === digest || manifestDigests(image).includes(digest));
}

function manifestDigests(image: ImageRecord): string[] {
  const digests = Object.entries(image['big-data-digests'] ?? {});
  return digests.filter(([key]) => key.startsWith('manifest')).map(([, digest]) => digest);
}
