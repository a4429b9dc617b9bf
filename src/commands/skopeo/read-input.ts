import { readFileSync } from 'node:fs';
import { messageOf, TspodError } from '../../errors.ts';

/** A file that the command line names. @throws TspodError BAD_ARGUMENT */
export function readInput(what: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new TspodError('BAD_ARGUMENT', `Error reading ${what} from ${path}: ${messageOf(cause)}`, { cause });
  }
}
