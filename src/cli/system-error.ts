/** Errors of the kernel and of the state database, which no use case expected, in one line for people. */

import { accessSync, constants, existsSync } from 'node:fs';
import { dirname } from 'node:path';

/** What to do about it, where that follows from the error alone. */
const HINTS: Record<string, string> = {
  ENOSPC: 'free some space on that file system, then try again: what was there before is untouched',
  EDQUOT: 'free some space or have the quota raised, then try again: what was there before is untouched',
  EROFS: 'that file system is mounted read-only',
  EACCES: 'this user may not do that: run as root, or choose other folders with --root and --runroot',
  EPERM: 'this user may not do that: run as root, or choose other folders with --root and --runroot',
  EMFILE: 'the limit of open files (ulimit -n) is too low',
};

const WORDS: Record<string, string> = { EROFS: 'read-only file system', EACCES: 'permission denied' };

/** Node says ENOENT when a folder above cannot be made, whatever the reason. */
function whyNotMade(path: string): string {
  let folder = dirname(path);
  while (folder !== '/' && !existsSync(folder)) folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return 'ENOENT';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'ENOENT';
  }
}

/**
 * The lines for an errno error (`mkdir /srv/store: not a directory`, as Go words it) or an SQLite error; null for any
 * other, which is a bug.
 */
export function systemErrorText(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code: told = '', syscall, path } = error as NodeJS.ErrnoException;
  const code = told === 'ENOENT' && syscall === 'mkdir' && path ? whyNotMade(path) : told;
  if (code === 'ERR_SQLITE_ERROR') return `Error: state database: ${error.message}\n`;
  if (syscall === undefined || !/^E[A-Z0-9]+$/.test(code)) return null;
  const what = code === told ? /^E[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] : WORDS[code];
  const hint = HINTS[code];
  return `Error: ${[syscall, path].filter(Boolean).join(' ')}: ${what ?? code}\n${hint ? `${hint}\n` : ''}`;
}
