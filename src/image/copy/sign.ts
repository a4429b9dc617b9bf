/** Signatures of what is copied: those that it had, and new ones. */
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Signature } from '../signature/signature.ts';
import type { RawManifest } from '../transport/transport.ts';
import type { Copying } from './copy-image.ts';

/** Signatures that have to be copied. @throws TspodError UNSUPPORTED when the target cannot keep them */
export async function sourceSignatures(copying: Copying, { digest }: RawManifest): Promise<Signature[]> {
  if (copying.removeSignatures) return [];
  const found = (await copying.reader.signatures?.(digest)) ?? [];
  if (found.length === 0 || copying.writer.signatures) return found;
  throw new TspodError('UNSUPPORTED', 'the image has signatures, which cannot be copied to this kind of target', {
    hint: 'use --remove-signatures',
  });
}

/** Makes the signatures that were asked for. @throws TspodError of gpg, UNSUPPORTED */
export async function newSignatures(copying: Copying, digest: Digest): Promise<Signature[]> {
  const { signers = [], identity, onProgress, writer } = copying;
  if (signers.length === 0) return [];
  if (!writer.signatures) throw new TspodError('UNSUPPORTED', 'this kind of target keeps no signatures');
  if (!identity) {
    throw new TspodError('BAD_ARGUMENT', 'a signature needs a name of the image, and the target has none', {
      hint: 'use --sign-identity',
    });
  }
  const { makeSignatures } = await import('../signature/sign-pushed.ts');
  return makeSignatures(digest, { signers, reference: identity, onProgress });
}

/** @throws TspodError BAD_CONFIG, REGISTRY and so on */
export async function writeSignatures(
  copying: Copying,
  digest: Digest,
  { signatures, isPart }: { signatures: Signature[]; isPart: boolean },
): Promise<void> {
  if (signatures.length === 0) return;
  copying.onProgress({ type: 'note', text: 'Storing signatures' });
  await copying.writer.signatures?.(digest, signatures, isPart);
}
