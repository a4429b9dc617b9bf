import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { randomBytes } from './random.ts';

export interface AtomicFileOptions {
  /** Permission bits, whatever the umask. */
  mode?: number;
  /** Wait until the bytes are on the disk. Switch off only for files that may vanish with the machine. */
  sync?: boolean;
}

/** Replaces a file in one step: readers see the old content or the new, never a part. */
export function writeFileAtomic(path: string, data: string | Uint8Array, options: AtomicFileOptions = {}): void {
  const { mode = 0o600, sync = true } = options;
  const temporary = `${dirname(path)}/.tmp-${basename(path)}-${randomBytes(6).toString('hex')}`;
  try {
    writeNew(temporary, data, mode, sync);
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw error;
  }
}

function writeNew(path: string, data: string | Uint8Array, mode: number, sync: boolean): void {
  const fd = openSync(path, 'wx', mode);
  try {
    writeFileSync(fd, data);
    fchmodSync(fd, mode);
    if (sync) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function removeQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was never made, or is gone: the first error is the one to report.
  }
}
