/** One JSON file of records: read without a lock, written under the caller's lock. */
import { type BigIntStats, closeSync, fstatSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno, TspodError } from '../errors.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import type { ParseRecords } from './parse-records.ts';

export interface RecordFileOptions<T> {
  path: string;
  parse: ParseRecords<T>;
  /** fsync before the rename; not for files that a reboot makes worthless anyway. */
  sync: boolean;
}

export class RecordFile<T> {
  readonly path: string;
  readonly #options: RecordFileOptions<T>;
  #identity = '';
  #records: T[] = [];
  #checkedAt = Number.NEGATIVE_INFINITY;

  constructor(options: RecordFileOptions<T>) {
    this.path = options.path;
    this.#options = options;
  }

  /**
   * The records as they are on disk now. Writers replace the file by rename, so reading needs no lock, and the inode
   * and times of the file say more than the last-writer token does: what is unchanged is not read again.
   * @throws CORRUPT_STORE
   */
  load(): T[] {
    this.#checkedAt = Number.NEGATIVE_INFINITY;
    this.#read();
    this.#checkedAt = Date.now();
    return this.#records;
  }

  /** Names what the file is now, without reading it: files are replaced, so another content has another name. */
  version(): string {
    const stat = statSync(this.path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? '' : identityOf(stat);
  }

  /** As `load`, but may be some milliseconds old: for reads without a lock that come by the thousand. */
  peek(): T[] {
    return Math.abs(Date.now() - this.#checkedAt) < 5 ? this.#records : this.load();
  }

  /** Replaces the file. The caller holds the write lock and has written the token. */
  save(records: T[]): void {
    const text = JSON.stringify(records);
    this.#identity = '';
    this.#checkedAt = Number.NEGATIVE_INFINITY;
    try {
      writeFileAtomic(this.path, text, { mode: 0o600, sync: this.#options.sync });
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw storeError(error, this.path);
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      writeFileAtomic(this.path, text, { mode: 0o600, sync: this.#options.sync });
    }
  }

  #read(): void {
    const fd = this.#open();
    if (fd === null) {
      this.#identity = '';
      if (this.#records.length > 0) this.#records = [];
      return;
    }
    try {
      const stat = fstatSync(fd, { bigint: true });
      const identity = identityOf(stat);
      if (identity === this.#identity) return;
      this.#records = this.#options.parse(readFileSync(fd, 'utf8'), this.path);
      this.#identity = identity;
    } finally {
      closeSync(fd);
    }
  }

  #open(): number | null {
    try {
      return openSync(this.path, 'r');
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return null;
      throw storeError(error, this.path);
    }
  }
}

function identityOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${dev}:${ino}:${size}:${mtimeNs}:${ctimeNs}`;
}

/** The kernel's refusals as errors for users. */
export function storeError(error: unknown, path: string): unknown {
  if (hasErrno(error, 'ENOSPC', 'EDQUOT')) {
    return new TspodError('NO_SPACE', `writing "${path}": no space left on device`, { cause: error });
  }
  if (hasErrno(error, 'EACCES', 'EPERM', 'EROFS')) {
    return new TspodError('NO_PERMISSION', `opening "${path}": permission denied`, { cause: error });
  }
  return error;
}
