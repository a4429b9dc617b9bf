/** Adds signatures to a lookaside folder. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno, TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Reference } from '../../registry/reference.ts';
import { lookasideUrl } from './lookaside.ts';
import { maxSignatures, type Signature, signatureBytes } from './signature.ts';

/**
 * Writes a signature behind those that are there: the same manifest may be signed under several names.
 *
 * @param base URL from registries.d
 * @throws TspodError BAD_CONFIG for a URL that cannot be written to
 */
export function addToLookaside(base: string, reference: Reference, digest: Digest, signature: Signature): void {
  const url = lookasideUrl(base, reference, digest, 0);
  if (url.protocol !== 'file:') {
    throw new TspodError(
      'BAD_CONFIG',
      `Writing directly to a ${url.protocol.slice(0, -1)} lookaside ${url.href} is not supported. ` +
        'Configure a lookaside-staging: location',
    );
  }
  addToFolder(dirname(decodeURIComponent(url.pathname)), signature);
}

/** @param folder of one manifest: `REPOSITORY@sha256=HEX` */
export function addToFolder(folder: string, signature: Signature): void {
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  const taken = new Set(readdirSync(folder));
  for (let number = 1; number <= maxSignatures; number += 1) {
    if (!taken.has(`signature-${number}`) && written(`${folder}/signature-${number}`, signature)) return;
  }
  throw new TspodError('BAD_ARGUMENT', `"${folder}" has ${maxSignatures} signatures already: remove some`);
}

/** False when another call took the number meanwhile. */
function written(path: string, signature: Signature): boolean {
  try {
    writeFileSync(path, signatureBytes(signature), { flag: 'wx', mode: 0o644 });
    return true;
  } catch (error) {
    if (hasErrno(error, 'EEXIST')) return false;
    throw error;
  }
}
