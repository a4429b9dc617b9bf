/** A signature as it is kept in a lookaside folder, next to an image in a `dir:` folder, or in a store. */
import { TspodError } from '../../errors.ts';
import { parseStrict } from './strict-json.ts';

/** Longest signature that is read, in bytes: 4 MiB, as in containers/image. */
export const signatureLimit = 4 * 1024 * 1024;

/** Longest sum of all signatures of one image that are fetched, in bytes: they are held in memory. */
export const signaturesLimit = 16 * 1024 * 1024;

/** More signatures of one image than this are no honest server's. */
export const maxSignatures = 128;

export type Signature =
  /** An OpenPGP message that holds what it signs ("simple signing"). */
  | { format: 'simple-signing'; bytes: Buffer }
  /** What cosign attaches: a payload, and its signature among the annotations. */
  | { format: 'sigstore'; mediaType: string; payload: Buffer; annotations: Record<string, string> };

/** First bytes of OpenPGP packets: compressed data, one-pass signature, signature (RFC 4880, section 4.2). */
const openPgp = new Set([0xa0, 0xa1, 0xa2, 0xa3, 0xc8, 0x90, 0x91, 0x92, 0x3d, 0xc4, 0x88, 0x89, 0x8a, 0x8b, 0xc2]);

/** @throws TspodError CORRUPT_BLOB for bytes that are no signature of a known format */
export function signatureFrom(bytes: Buffer): Signature {
  const [first] = bytes;
  if (first === undefined) throw bad('empty signature blob');
  if (openPgp.has(first)) return { format: 'simple-signing', bytes };
  if (first !== 0) throw bad(`unrecognized signature format, starting with binary 0x${first.toString(16)}`);
  const end = bytes.indexOf(0x0a);
  if (end < 0) throw bad('invalid signature format, missing newline');
  const format = bytes.subarray(1, end).toString('latin1');
  const rest = bytes.subarray(end + 1);
  if (format === 'simple-signing') return { format, bytes: rest };
  if (format === 'sigstore-json') return sigstoreFrom(rest);
  throw bad(`unrecognized signature format ${JSON.stringify(format.slice(0, 40))}`);
}

/** The bytes that `signatureFrom` reads. */
export function signatureBytes(signature: Signature): Buffer {
  if (signature.format === 'simple-signing') return signature.bytes;
  const { mediaType: mimeType, payload, annotations } = signature;
  const json = JSON.stringify({ mimeType, payload: payload.toString('base64'), annotations });
  return Buffer.from(`\0sigstore-json\n${json}`);
}

function sigstoreFrom(bytes: Buffer): Signature {
  const { mimeType, payload, annotations = {} } = parseStrict(bytes.toString('utf8'), 'sigstore signature');
  if (typeof mimeType !== 'string' || typeof payload !== 'string' || !isTexts(annotations)) {
    throw bad('invalid sigstore signature');
  }
  return { format: 'sigstore', mediaType: mimeType, payload: Buffer.from(payload, 'base64'), annotations };
}

function isTexts(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}

function bad(message: string): TspodError {
  return new TspodError('CORRUPT_BLOB', message);
}
