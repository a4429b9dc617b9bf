/** Names that cosign gives to what it attaches (cosign's SIGNATURE_SPEC.md). */
import { type Digest, hexOf } from '../../oci/digest.ts';

export const signatureMediaType = 'application/vnd.dev.cosign.simplesigning.v1+json';
export const signatureAnnotation = 'dev.cosignproject.cosign/signature';

/** The tag under which the signatures of a manifest are. */
export function attachmentTag(digest: Digest): string {
  return `sha256-${hexOf(digest)}.sig`;
}
