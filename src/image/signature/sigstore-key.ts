/** Public keys of sigstore signatures: ECDSA and RSA (PKCS #1 v1.5) over SHA-256, and Ed25519. */
import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { messageOf, TspodError } from '../../errors.ts';

export interface PublicKey {
  object: KeyObject;
  kind: 'ec' | 'rsa' | 'ed25519';
}

/** @param pem one PEM block with a public key. @throws TspodError BAD_CONFIG */
export function readPublicKey(pem: Buffer): PublicKey {
  const text = pem.toString('latin1').trim();
  // Node would also take a certificate or a private key here, and leave out what follows the first block.
  if (!/^-----BEGIN (RSA )?PUBLIC KEY-----[^-]+-----END (RSA )?PUBLIC KEY-----$/.test(text)) {
    throw bad('it is not one PEM block with a public key');
  }
  let object: KeyObject;
  try {
    object = createPublicKey(text);
  } catch (error) {
    throw bad(messageOf(error));
  }
  const kind = object.asymmetricKeyType;
  if (kind === 'ec' || kind === 'rsa' || kind === 'ed25519') return { object, kind };
  throw bad(`unsupported key type ${kind}`);
}

/** Whether a key made a signature of these bytes. */
export function verifies({ object, kind }: PublicKey, bytes: Buffer, signature: Buffer): boolean {
  try {
    return verify(kind === 'ed25519' ? null : 'sha256', bytes, object, signature);
  } catch {
    return false; // OpenSSL refuses what is not even formed like a signature of such a key.
  }
}

function bad(reason: string): TspodError {
  return new TspodError('BAD_CONFIG', `Source image rejected: parsing public key: ${reason}`);
}
