import { existsSync } from 'node:fs';
import { TspodError } from '../errors.ts';

/** A file that --authfile names must be there, whether it will be needed or not. @throws BAD_ARGUMENT */
export function checkAuthFile(path: string | undefined): void {
  if (!path || existsSync(path)) return;
  const words = `credential file is not accessible: faccessat ${path}: no such file or directory`;
  throw new TspodError('BAD_ARGUMENT', words);
}
