/** The requirement `sigstoreSigned` with public keys: a signature as cosign attaches it (cosign's SIGNATURE_SPEC.md). */
import { messageOf, TspodError } from '../../errors.ts';
import { digestOf } from '../../registry/manifest.ts';
import type { SignedSubject } from './enforce.ts';
import { identityMatches } from './identity.ts';
import { keyBytes } from './key-source.ts';
import { parsePayload } from './payload.ts';
import { summary } from './refusals.ts';
import type { Requirement } from './requirement.ts';
import type { Signature } from './signature.ts';
import { type PublicKey, readPublicKey, verifies } from './sigstore-key.ts';
import { signatureAnnotation, signatureMediaType } from './sigstore-names.ts';

type SigstoreSigned = Extract<Requirement, { type: 'sigstoreSigned' }>;
type Sigstore = Extract<Signature, { format: 'sigstore' }>;

/** Null when the image may be used, else why not. @throws TspodError BAD_CONFIG */
export async function refusalOfSigstore(requirement: SigstoreSigned, subject: SignedSubject): Promise<string | null> {
  // All keys are read before any signature: a broken fall-back key is to be found before it is needed.
  const keys = keyBytes(requirement.keys).map(readPublicKey);
  const all = await subject.signatures();
  const attached = all.flatMap((signature) => (signature.format === 'sigstore' ? [signature] : []));
  const candidates = attached.filter(({ mediaType }) => mediaType === signatureMediaType);
  const reasons: string[] = [];
  for (const candidate of candidates) {
    const reason = refusalOf(candidate, { keys, requirement, subject });
    if (reason === null) return null;
    reasons.push(reason);
  }
  const others = [all.length - attached.length, attached.length - candidates.length];
  const beside = ` (${others[0]} non-sigstore signatures, ${others[1]} sigstore non-signature attachments)`;
  return summary(reasons, others.some((count) => count > 0) ? beside : '');
}

function refusalOf(
  { payload, annotations }: Sigstore,
  { keys, requirement, subject }: { keys: PublicKey[]; requirement: SigstoreSigned; subject: SignedSubject },
): string | null {
  const signature = annotations[signatureAnnotation];
  if (signature === undefined) return `missing ${signatureAnnotation} annotation`;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(signature)) return 'base64 decoding: illegal base64 data';
  const bytes = Buffer.from(signature, 'base64');
  if (!keys.some((key) => verifies(key, payload, bytes))) {
    return 'cryptographic signature verification failed: no key of the policy made it';
  }
  try {
    const { digest, reference } = parsePayload(payload, 'cosign');
    if (digest !== digestOf(subject.manifest)) return `Signature for digest ${digest} does not match`;
    if (identityMatches(requirement.identity, subject.reference, reference)) return null;
    return `Signature for identity ${JSON.stringify(reference)} is not accepted`;
  } catch (error) {
    if (error instanceof TspodError) return messageOf(error);
    throw error;
  }
}
