/** Signatures in a `dir:` folder: `signature-1` and so on, beside the manifest. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import { maxSignatures, type Signature, signatureFrom, signatureLimit } from './signature.ts';

/**
 * @param instance of one of several images in the folder; left out for the folder's own manifest
 * @throws TspodError CORRUPT_BLOB
 */
export function folderSignatures(folder: string, instance?: Digest): Signature[] {
  const found: Signature[] = [];
  const place = (number: number) => `${folder}/${signatureFile(number, instance)}`;
  for (let path = place(1); existsSync(path); path = place(found.length + 1)) {
    if (found.length === maxSignatures || statSync(path).size > signatureLimit) {
      throw new TspodError('CORRUPT_BLOB', `reading signatures in "${folder}": more or longer ones than reasonable`);
    }
    found.push(signatureFrom(readFileSync(path)));
  }
  return found;
}

/** @param number from 1 */
export function signatureFile(number: number, instance?: Digest): string {
  return `${instance ? `${hexOf(instance)}.` : ''}signature-${number}`;
}
