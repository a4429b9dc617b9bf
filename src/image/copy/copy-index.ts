/** Copies all images of an index, and the index itself. */
import { TspodError } from '../../errors.ts';
import type { Descriptor, Index } from '../../oci/image-spec.ts';
import { digestOf, parseManifest } from '../../registry/manifest.ts';
import type { RawManifest } from '../transport/transport.ts';
import type { Copying } from './copy-image.ts';
import { copyInstance } from './copy-instance.ts';
import { familyOf, inFamily } from './media-type.ts';
import { obeyPolicy } from './obey-policy.ts';
import { newSignatures, sourceSignatures, writeSignatures } from './sign.ts';

/** @returns the index as it was written. @throws TspodError UNSUPPORTED */
export async function copyIndex(copying: Copying, top: RawManifest, index: Index): Promise<RawManifest> {
  const { writer, onProgress, preserveDigests, select } = copying;
  if (!writer.indexes) throw new TspodError('UNSUPPORTED', 'the target takes one image only, not an image index');
  if (select === 'index-only') await obeyPolicy(copying.reader, top, copying);
  const manifests: Descriptor[] = [];
  for (const [position, entry] of index.manifests.entries()) {
    if (select === 'index-only') manifests.push(entry);
    else manifests.push(await copyEntry(copying, entry, `${position + 1}/${index.manifests.length}`));
  }
  const mediaType = indexType(copying, top);
  const changed = mediaType !== top.mediaType || manifests.some((entry, at) => entry !== index.manifests[at]);
  if (changed && preserveDigests) {
    throw new TspodError(
      'UNSUPPORTED',
      'the digest of the image index would change, and --preserve-digests forbids that',
    );
  }
  const bytes = changed ? Buffer.from(JSON.stringify({ ...index, mediaType, manifests })) : top.bytes;
  const written = { bytes, digest: digestOf(bytes), mediaType };
  const old = changed ? [] : await sourceSignatures(copying, top);
  const signatures = [...old, ...(await newSignatures(copying, written.digest))];
  onProgress({ type: 'list' });
  await writer.manifest(written);
  await writeSignatures(copying, written.digest, { signatures, isPart: false });
  return written;
}

async function copyEntry(copying: Copying, entry: Descriptor, which: string): Promise<Descriptor> {
  copying.onProgress({ type: 'note', text: `Copying image ${entry.digest} (${which})` });
  const raw = await copying.reader.manifest(entry.digest);
  const parsed = parseManifest(raw.bytes, raw.mediaType || entry.mediaType);
  if (parsed.kind === 'index')
    throw new TspodError('UNSUPPORTED', `${entry.digest} is an image index in an image index`);
  const { bytes, digest, mediaType } = await copyInstance(copying, { ...raw, mediaType: parsed.mediaType }, true);
  if (digest === entry.digest) return entry;
  return { ...entry, mediaType, digest, size: bytes.length };
}

function indexType({ writer, format }: Copying, { mediaType }: RawManifest): string {
  const wanted = inFamily(mediaType, format ?? familyOf(mediaType));
  if (writer.types.length === 0 || writer.types.includes(wanted)) return wanted;
  return inFamily(mediaType, familyOf(writer.types[0] ?? mediaType));
}
