/** The gpg program, called so that only its machine-readable words count. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { hasErrno, TspodError } from '../../errors.ts';
import { type RunResult, runAsync } from '../../system/spawn.ts';
import { type GpgStatus, parseStatus } from './gpg-status.ts';

export interface GpgRequest {
  /** Options and command; the files of `files` are named by `FOLDER/NAME` in it through `at`. */
  args: (at: (name: string) => string) => string[];
  /** Files to write before, by name. */
  files?: Record<string, Uint8Array>;
  /** Environment beside PATH and the like. */
  env?: Record<string, string | undefined>;
  /** Passed on standard input. */
  input?: string;
}

export interface GpgResult extends RunResult {
  status: number | null;
  lines: GpgStatus[];
}

/** Longest run of gpg in milliseconds: verifying takes a few, a person at a pinentry may take longer. */
const timeoutMs = 120_000;

/** A private folder for one task with gpg, its home or only its files. Removed by `close`. */
export class GpgFolder {
  readonly path = mkdtempSync(`${tmpdir()}/tspod-gpg-`);

  at(name: string): string {
    return `${this.path}/${name}`;
  }

  read(name: string): Buffer {
    return readFileSync(this.at(name));
  }

  /** @throws TspodError MISSING_PROGRAM */
  async run({ args, files = {}, env = {}, input = '' }: GpgRequest): Promise<GpgResult> {
    for (const [name, bytes] of Object.entries(files)) writeFileSync(this.at(name), bytes, { mode: 0o600 });
    const statusFile = this.at('status');
    writeFileSync(statusFile, '', { mode: 0o600 });
    const { PATH, HOME, TMPDIR } = process.env;
    const result = await runAsync({
      file: 'gpg',
      args: [
        '--no-options',
        '--batch',
        '--no-tty',
        '--yes',
        '--status-file',
        statusFile,
        ...args((name) => this.at(name)),
      ],
      env: { PATH, HOME, TMPDIR, LC_ALL: 'C', ...env },
      input,
      timeoutMs,
    }).catch((error: unknown) => {
      throw missing(error);
    });
    return { ...result, lines: parseStatus(readFileSync(statusFile, 'utf8')) };
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** What gpg said to people, in one line. */
export function gpgWords({ stderr, status, signal }: RunResult): string {
  const lines = stderr.split('\n').map((line) => line.replace(/^gpg: /, '').trim());
  const words = lines.filter((line) => line !== '').join(', ');
  return words || (signal === null ? `gpg ended with status ${status}` : `gpg was ended by signal ${signal}`);
}

function missing(error: unknown): unknown {
  if (!hasErrno(error, 'ENOENT', 'EACCES')) return error;
  return new TspodError('MISSING_PROGRAM', 'signatures of OpenPGP need the program "gpg", which is not installed', {
    cause: error,
    hint: 'install GnuPG (Debian: apt-get install gnupg)',
  });
}
