/** Signatures of files, without a registry or a policy: what skopeo's standalone commands do. */
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import { digestOf } from '../../registry/manifest.ts';
import { formatReference, parseDocker } from '../../registry/reference.ts';
import { isFingerprint } from './gpg-status.ts';
import { GpgKeyring } from './gpg-verify.ts';
import { parsePayload } from './payload.ts';

export interface StandaloneSignature {
  signature: Uint8Array;
  manifest: Uint8Array;
  /** The name that has to be signed. */
  reference: string;
  /** Keys that are trusted; `any` for all of `publicKeys`. */
  fingerprints: readonly string[] | 'any';
  /** Files of public keys; the user's own keys when left out. */
  publicKeys?: readonly Uint8Array[] | undefined;
}

/**
 * Verifies one signature.
 *
 * @returns the key that made it, and the digest that it is for
 * @throws TspodError POLICY, CORRUPT_BLOB, BAD_ARGUMENT, MISSING_PROGRAM
 */
export async function verifyStandalone(request: StandaloneSignature): Promise<{ fingerprint: string; digest: Digest }> {
  const wanted = formatReference(parseDocker(request.reference));
  const keyring = await keyringFor(request);
  try {
    const { content, fingerprint } = await keyring.verify(request.signature);
    if (request.fingerprints !== 'any' && !request.fingerprints.includes(fingerprint)) {
      throw new TspodError('POLICY', `signature by key ${fingerprint} is not accepted`);
    }
    const { digest, reference } = parsePayload(content, 'atomic');
    if (digest !== digestOf(request.manifest)) {
      throw new TspodError('POLICY', `Signature for docker digest "${digest}" does not match`);
    }
    if (formatReference(parseDocker(reference)) !== wanted) {
      throw new TspodError('POLICY', `Docker reference ${JSON.stringify(reference)} does not match "${wanted}"`);
    }
    return { fingerprint, digest };
  } finally {
    keyring.close();
  }
}

async function keyringFor({ fingerprints, publicKeys }: StandaloneSignature): Promise<GpgKeyring> {
  const strange = fingerprints === 'any' ? undefined : fingerprints.find((text) => !isFingerprint(text));
  if (strange !== undefined) throw new TspodError('BAD_ARGUMENT', `${JSON.stringify(strange)} is no fingerprint`);
  if (publicKeys) return GpgKeyring.open(publicKeys);
  if (fingerprints !== 'any') return GpgKeyring.ofUser(new Set(fingerprints));
  throw new TspodError('BAD_ARGUMENT', 'Cannot use any fingerprint without a public key file');
}
