/**
 * Private keys as `cosign generate-key-pair` and `skopeo generate-sigstore-key` write them: PKCS #8, encrypted with
 * NaCl's secretbox under a key that scrypt makes of the passphrase.
 */
import { createPrivateKey, type KeyObject, scryptSync } from 'node:crypto';
import { messageOf, TspodError } from '../../errors.ts';
import { isObject } from './strict-json.ts';

/** The costs that are in use (N, r, p): others could be made to stall whoever opens the file. */
const costs = new Set(['32768,8,1', '65536,8,1', '131072,8,1']);

/** @throws TspodError BAD_ARGUMENT for another kind of file or a wrong passphrase */
export async function readCosignKey(pem: string, passphrase: string): Promise<KeyObject> {
  const match =
    /^-----BEGIN ENCRYPTED (COSIGN|SIGSTORE) PRIVATE KEY-----\s+([A-Za-z0-9+/=\s]+)-----END ENCRYPTED \1 PRIVATE KEY-----\s*$/.exec(
      pem,
    );
  if (!match?.[2]) throw bad('it is no encrypted private key of cosign');
  const box = boxIn(Buffer.from(match[2], 'base64').toString('utf8'));
  const { xsalsa20poly1305 } = await import('@noble/ciphers/salsa.js');
  const [N, r, p] = box.cost;
  const secret = scryptSync(passphrase, box.salt, 32, { N, r, p, maxmem: 256 * N * r });
  let plain: Uint8Array;
  try {
    plain = xsalsa20poly1305(secret, box.nonce).decrypt(box.ciphertext);
  } catch (error) {
    throw bad('decryption failed: wrong passphrase', error);
  }
  return parsed(Buffer.from(plain));
}

interface Box {
  cost: [N: number, r: number, p: number];
  salt: Buffer;
  nonce: Buffer;
  ciphertext: Buffer;
}

function boxIn(text: string): Box {
  const { kdf, cipher, ciphertext } = objectOf(json(text));
  const { name, params, salt } = objectOf(kdf);
  const { name: cipherName, nonce } = objectOf(cipher);
  if (name !== 'scrypt') throw bad(`unknown kdf name ${JSON.stringify(name)}`);
  if (cipherName !== 'nacl/secretbox') throw bad(`unknown cipher name ${JSON.stringify(cipherName)}`);
  const { N, r, p } = objectOf(params);
  if (!costs.has([N, r, p].join())) throw bad('unsupported scrypt parameters');
  const box = { salt: bytes(salt), nonce: bytes(nonce), ciphertext: bytes(ciphertext) };
  if (box.nonce.length !== 24) throw bad('incorrect nonce size');
  return { cost: [Number(N), Number(r), Number(p)], ...box };
}

function parsed(der: Buffer): KeyObject {
  try {
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  } catch (error) {
    throw bad(messageOf(error), error);
  }
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw bad('what is in it is no JSON', error);
  }
}

function objectOf(value: unknown): Record<string, unknown> {
  if (isObject(value)) return value;
  throw bad('a part of it is missing');
}

function bytes(value: unknown): Buffer {
  if (typeof value === 'string') return Buffer.from(value, 'base64');
  throw bad('a part of it is missing');
}

function bad(reason: string, cause?: unknown): TspodError {
  return new TspodError('BAD_ARGUMENT', `parsing private key: ${reason}`, { cause });
}
