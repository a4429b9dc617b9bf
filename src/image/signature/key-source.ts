/** Reads the public keys that a policy names. */
import { readFileSync } from 'node:fs';
import { messageOf, TspodError } from '../../errors.ts';
import type { KeySource } from './requirement.ts';

/** @throws TspodError BAD_CONFIG for a file that cannot be read: a missing key is no reason to trust the others */
export function keyBytes(keys: KeySource): Buffer[] {
  if ('data' in keys) return keys.data;
  return keys.paths.map((path) => {
    try {
      return readFileSync(path);
    } catch (error) {
      throw new TspodError('BAD_CONFIG', `Source image rejected: reading key "${path}": ${messageOf(error)}`, {
        cause: error,
      });
    }
  });
}
