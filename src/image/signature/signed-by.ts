/** The requirement `signedBy`: one good OpenPGP signature of this manifest, by a trusted key, for an accepted name. */
import { hasCode, messageOf, TspodError } from '../../errors.ts';
import { digestOf } from '../../registry/manifest.ts';
import type { SignedSubject } from './enforce.ts';
import { GpgKeyring } from './gpg-verify.ts';
import { identityMatches } from './identity.ts';
import { keyBytes } from './key-source.ts';
import { parsePayload } from './payload.ts';
import { summary } from './refusals.ts';
import type { Requirement } from './requirement.ts';

type SignedBy = Extract<Requirement, { type: 'signedBy' }>;

/** Null when the image may be used, else why not. @throws TspodError MISSING_PROGRAM, BAD_CONFIG */
export async function refusalOfSignedBy(requirement: SignedBy, subject: SignedSubject): Promise<string | null> {
  const all = await subject.signatures();
  const signatures = all.flatMap((signature) => (signature.format === 'simple-signing' ? [signature.bytes] : []));
  if (signatures.length === 0) return summary([]);
  const keyring = await GpgKeyring.open(keyBytes(requirement.keys));
  try {
    if (keyring.fingerprints.size === 0) return 'No public keys imported';
    const reasons: string[] = [];
    for (const bytes of signatures) {
      const reason = await refusalOf(bytes, { keyring, requirement, subject });
      if (reason === null) return null;
      reasons.push(reason);
    }
    return summary(reasons);
  } finally {
    keyring.close();
  }
}

async function refusalOf(
  bytes: Buffer,
  { keyring, requirement, subject }: { keyring: GpgKeyring; requirement: SignedBy; subject: SignedSubject },
): Promise<string | null> {
  try {
    const { content } = await keyring.verify(bytes);
    const { digest, reference } = parsePayload(content, 'atomic');
    if (digest !== digestOf(subject.manifest)) return `Signature for digest ${digest} does not match`;
    if (identityMatches(requirement.identity, subject.reference, reference)) return null;
    return `Signature for identity ${JSON.stringify(reference)} is not accepted`;
  } catch (error) {
    // A bad signature is one of several; a machine that cannot check any is another matter.
    if (error instanceof TspodError && !hasCode(error, 'MISSING_PROGRAM')) return messageOf(error);
    throw error;
  }
}
