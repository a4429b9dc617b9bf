/** Signatures in a `dir:` folder: `signature-1` and so on, beside the manifest. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { maxSignatures, type Signature, signatureFrom, signatureLimit } from './signature.ts';

/** @throws TspodError CORRUPT_BLOB */
export function folderSignatures(folder: string): Signature[] {
  const found: Signature[] = [];
  for (let path = place(folder, 1); existsSync(path); path = place(folder, found.length + 1)) {
    if (found.length === maxSignatures || statSync(path).size > signatureLimit) {
      throw new TspodError('CORRUPT_BLOB', `reading signatures in "${folder}": more or longer ones than reasonable`);
    }
    found.push(signatureFrom(readFileSync(path)));
  }
  return found;
}

function place(folder: string, number: number): string {
  return `${folder}/signature-${number}`;
}
