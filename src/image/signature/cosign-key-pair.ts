/** Makes pairs of keys that cosign, skopeo and tspod sign and verify with. */
import { generateKeyPairSync, randomBytes, scryptSync } from 'node:crypto';

export interface CosignKeyPair {
  /** PEM, encrypted. */
  privateKey: string;
  /** PEM. */
  publicKey: string;
}

/** A new ECDSA P-256 key. */
export async function newCosignKeyPair(passphrase: string): Promise<CosignKeyPair> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const plain = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
  const [salt, nonce] = [randomBytes(32), randomBytes(24)];
  const params = { N: 65_536, r: 8, p: 1 };
  const secret = scryptSync(passphrase, salt, 32, { ...params, maxmem: 256 * params.N * params.r });
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  const ciphertext = Buffer.from(xsalsa20poly1305(secret, nonce).encrypt(plain));
  const box = {
    kdf: { name: 'scrypt', params, salt: salt.toString('base64') },
    cipher: { name: 'nacl/secretbox', nonce: nonce.toString('base64') },
    ciphertext: ciphertext.toString('base64'),
  };
  return {
    privateKey: pem('ENCRYPTED COSIGN PRIVATE KEY', Buffer.from(JSON.stringify(box))),
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}
