/** `push IMAGE dir:PATH` and its relatives: an image of the store that goes to no registry. */
import type { Digest } from '../oci/digest.ts';
import { type ImageContext, imageEvent } from './context.ts';
import { type CopyOptions, copyImage } from './copy/copy-image.ts';
import { requireImage } from './lookup.ts';
import { parseImageName } from './transport/parse.ts';
import { storedImage } from './transport/storage.ts';

/** Whether a destination is a place of this machine. */
export function isLocalTarget(destination: string): boolean {
  return /^(docker-archive|oci-archive|oci|dir|containers-storage):/.test(destination);
}

/**
 * Copies an image of the store to an archive, a folder or another store.
 *
 * @returns the digest of the manifest
 * @throws TspodError NO_SUCH_IMAGE, and what the target refuses
 */
export async function pushLocal(
  context: ImageContext,
  source: string,
  destination: string,
  options: Omit<CopyOptions, 'source'>,
): Promise<Digest> {
  const found = requireImage(context, source);
  const from = storedImage(found);
  // The archive keeps the name of the image, whatever else it is called there.
  const isNamed = found.record.names?.includes(found.name) && !found.name.includes('@');
  const target = { ...options.target, additionalTags: isNamed ? [found.name] : [] };
  const digest = await copyImage(context, from, parseImageName(destination), { ...options, target, source: {} });
  imageEvent(context, 'push', found.record.id, destination);
  return digest;
}
