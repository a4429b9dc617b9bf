import { readFileSync } from 'node:fs';
import { hasErrno, messageOf, TspodError } from '../../errors.ts';

/** Lines of an --env-file or --label-file: no leading blanks, no empty lines, no comments. */
export function readKeyValueFile(path: string): string[] {
  const lines = readText(path).split(/\r?\n/);
  return lines.map((line) => line.replace(/^[ \t]+/, '')).filter((line) => line !== '' && !line.startsWith('#'));
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = hasErrno(cause, 'ENOENT') ? `open ${path}: no such file or directory` : messageOf(cause);
    throw new TspodError('BAD_ARGUMENT', `parsing file "${path}": ${reason}`, { cause });
  }
}
