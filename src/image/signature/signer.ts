/** What makes signatures of a pushed image. */
import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { messageOf, TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import { readCosignKey } from './cosign-key.ts';
import { type GpgSigner, gpgSign } from './gpg-sign.ts';
import { makePayload } from './payload.ts';
import type { Signature } from './signature.ts';
import { signatureAnnotation, signatureMediaType } from './sigstore-names.ts';

export interface Signer {
  format: Signature['format'];
  /** Podman's words for what it does. */
  describe: string;
  /** @param reference the full name that the image gets */
  sign(digest: Digest, reference: string): Promise<Signature>;
}

/** Simple signing with a key of GnuPG. */
export function simpleSigner(key: GpgSigner): Signer {
  return {
    format: 'simple-signing',
    describe: 'Signing image using simple signing',
    async sign(digest, reference) {
      return { format: 'simple-signing', bytes: await gpgSign(makePayload({ digest, reference }, 'atomic'), key) };
    },
  };
}

/**
 * Signing as cosign does, with a key of its kind.
 *
 * @throws TspodError BAD_ARGUMENT: a wrong passphrase is found before anything is pushed
 */
export async function sigstoreSigner(keyFile: string, passphrase: string): Promise<Signer> {
  const key = await readCosignKey(readText(keyFile), passphrase);
  return {
    format: 'sigstore',
    describe: 'Signing image using a sigstore signature',
    async sign(digest, reference) {
      const payload = makePayload({ digest, reference }, 'cosign');
      const signature = sign(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', payload, key);
      const annotations = { [signatureAnnotation]: signature.toString('base64') };
      return { format: 'sigstore', mediaType: signatureMediaType, payload, annotations };
    },
  };
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new TspodError('BAD_ARGUMENT', `reading private key from ${path}: ${messageOf(error)}`, { cause: error });
  }
}
