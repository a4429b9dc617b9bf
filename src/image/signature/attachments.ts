/** Signatures that are attached in the registry, under a tag made of the manifest's digest (cosign's SIGNATURE_SPEC.md). */
import { hasCode, TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Manifest } from '../../oci/image-spec.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { digestOf } from '../../registry/manifest.ts';
import { readBody } from '../../registry/read-body.ts';
import { maxSignatures, type Signature, signatureLimit, signaturesLimit } from './signature.ts';
import { attachmentTag } from './sigstore-names.ts';

/** @throws TspodError CORRUPT_BLOB, REGISTRY, UNREACHABLE, UNAUTHORIZED */
export async function attachedSignatures(client: RegistryClient, digest: Digest): Promise<Signature[]> {
  const manifest = await attachmentManifest(client, digest);
  const found: Signature[] = [];
  let total = 0;
  for (const { digest: blob, size, mediaType, annotations = {} } of manifest?.layers ?? []) {
    total += size;
    if (found.length === maxSignatures || size > signatureLimit || total > signaturesLimit) {
      throw new TspodError('CORRUPT_BLOB', `reading signatures of ${digest}: more or longer ones than reasonable`);
    }
    const payload = await readBody(client.blob({ digest: blob, size, mediaType }), signatureLimit);
    if (!payload || digestOf(payload) !== blob) {
      throw new TspodError('CORRUPT_BLOB', `reading signature ${blob}: blob does not have that digest`);
    }
    found.push({ format: 'sigstore', mediaType, payload, annotations });
  }
  return found;
}

/** What is attached now; null when nothing is. */
export async function attachmentManifest(client: RegistryClient, digest: Digest): Promise<Manifest | null> {
  try {
    const { parsed } = await client.manifest(attachmentTag(digest));
    if (parsed.kind === 'manifest') return parsed.manifest;
  } catch (error) {
    if (hasCode(error, 'NOT_FOUND')) return null;
    throw error;
  }
  throw new TspodError('CORRUPT_BLOB', `reading signatures of ${digest}: it is an index`);
}
