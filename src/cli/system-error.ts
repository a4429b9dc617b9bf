/** Errors of the kernel and of the state database, which no use case expected, in one line for people. */

/** What to do about it, where that follows from the error alone. */
const HINTS: Record<string, string> = {
  ENOSPC: 'free some space on that file system, then try again: what was there before is untouched',
  EDQUOT: 'free some space or have the quota raised, then try again: what was there before is untouched',
  EROFS: 'that file system is mounted read-only',
  EACCES: 'this user may not do that: run as root, or choose other folders with --root and --runroot',
  EPERM: 'this user may not do that: run as root, or choose other folders with --root and --runroot',
  EMFILE: 'the limit of open files (ulimit -n) is too low',
};

/**
 * The lines for an errno error (`mkdir /srv/store: not a directory`, as Go words it) or an SQLite error; null for any
 * other, which is a bug.
 */
export function systemErrorText(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code = '', syscall, path } = error as NodeJS.ErrnoException;
  if (code === 'ERR_SQLITE_ERROR') return `Error: state database: ${error.message}\n`;
  if (syscall === undefined || !/^E[A-Z0-9]+$/.test(code)) return null;
  const what = /^E[A-Z0-9]+: ([^,]+)/.exec(error.message)?.[1] ?? code;
  const hint = HINTS[code];
  return `Error: ${[syscall, path].filter(Boolean).join(' ')}: ${what}\n${hint ? `${hint}\n` : ''}`;
}
