/** Signatures in a folder or on a web server beside the registry (containers-registries.d(5), "Individual configuration sections"). */
import { readFileSync, statSync } from 'node:fs';
import { hasErrno, messageOf, TspodError } from '../../errors.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import { fetchSmall } from '../../registry/fetch-small.ts';
import type { Reference } from '../../registry/reference.ts';
import { maxSignatures, type Signature, signatureFrom, signatureLimit, signaturesLimit } from './signature.ts';

/** The URL of one signature. @param index from 0 */
export function lookasideUrl(base: string, { path }: Reference, digest: Digest, index: number): URL {
  const root = URL.parse(base);
  if (!root) throw new TspodError('BAD_CONFIG', `Invalid signature storage URL ${JSON.stringify(base)}`);
  // The path of a reference has no components of dots: its grammar has none.
  const place = `${root.pathname.replace(/\/+$/, '')}/${path}@sha256=${hexOf(digest)}/signature-${index + 1}`;
  return new URL(place + root.search, root);
}

/**
 * All signatures of a manifest.
 *
 * @param base URL from registries.d
 * @throws TspodError BAD_CONFIG, CORRUPT_BLOB, REGISTRY, UNREACHABLE
 */
export async function lookasideSignatures(base: string, reference: Reference, digest: Digest): Promise<Signature[]> {
  const found: Signature[] = [];
  let total = 0;
  for (let index = 0; ; index += 1) {
    if (index >= maxSignatures) {
      throw new TspodError(
        'CORRUPT_BLOB',
        `server provided ${maxSignatures} signatures, assuming that's unreasonable and a server error`,
      );
    }
    const url = lookasideUrl(base, reference, digest, index);
    const bytes = await read(url);
    if (!bytes) return found;
    total += bytes.length;
    if (total > signaturesLimit) {
      throw new TspodError('CORRUPT_BLOB', `the signatures at ${url.href} are longer than ${signaturesLimit} bytes`);
    }
    found.push(parsed(bytes, url));
  }
}

async function read(url: URL): Promise<Buffer | null> {
  if (url.protocol === 'file:') return readFile(decodeURIComponent(url.pathname));
  if (url.protocol === 'http:' || url.protocol === 'https:') return fetchSmall(url, signatureLimit);
  throw new TspodError('BAD_CONFIG', `Unsupported scheme when reading signature from ${url.href}`);
}

function readFile(path: string): Buffer | null {
  try {
    if (statSync(path).size <= signatureLimit) return readFileSync(path);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return null;
    throw new TspodError('NO_PERMISSION', `reading signature "${path}": ${messageOf(error)}`, { cause: error });
  }
  throw new TspodError('CORRUPT_BLOB', `signature "${path}" is longer than ${signatureLimit} bytes`);
}

function parsed(bytes: Buffer, url: URL): Signature {
  try {
    return signatureFrom(bytes);
  } catch (error) {
    throw new TspodError('CORRUPT_BLOB', `parsing signature ${url.href}: ${messageOf(error)}`, { cause: error });
  }
}
