/** A tar file that gets its name when it is complete. Entries are written one after the other, whoever brings them. */
import { closeSync, fsyncSync, mkdtempSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno, messageOf, TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import { blobFile } from '../save/compress.ts';
import type { BlobFacts, BlobStream } from '../save/layer-blob.ts';
import { TarWriter } from '../save/tar-writer.ts';
import { partialFile, removeAbandoned } from './partial-file.ts';

export class TarFile {
  readonly #path: string;
  readonly #temporary: string;
  readonly #fd: number;
  readonly #tar: TarWriter;
  readonly #names = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();
  #open = true;
  #folder: string | undefined;

  /** @throws TspodError BAD_ARGUMENT */
  constructor(path: string) {
    this.#path = path;
    removeAbandoned(dirname(path));
    this.#temporary = partialFile(dirname(path));
    this.#fd = openNew(this.#temporary, path);
    this.#tar = new TarWriter((bytes) => this.#write(bytes));
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Adds a small file, unless it is there. */
  file(name: string, content: Uint8Array): Promise<void> {
    return this.#next(name, async () => this.#tar.file(name, content));
  }

  /** Adds a file of a known size, unless it is there. @throws what the stream throws: the archive is lost then */
  stream(name: string, size: number, source: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#next(name, () => this.#tar.stream(name, size, source));
  }

  /** Adds a blob that gets its name from its digest. A tar wants to know its size first, so it lies in a file meanwhile. */
  async add(open: () => Promise<BlobStream>, name: (digest: Digest) => string): Promise<BlobFacts> {
    this.#folder ??= mkdtempSync(`${process.env['TMPDIR'] || '/var/tmp'}/tspod-`);
    const file = await blobFile(await open(), this.#folder);
    try {
      await this.stream(name(file.digest), file.size, file.stream());
      return file;
    } finally {
      file.remove();
    }
  }

  /** Ends the archive and gives it its name. */
  async commit(): Promise<void> {
    await this.#last;
    this.#tar.end();
    fsyncSync(this.#fd);
    renameSync(this.#temporary, this.#path);
    this.close();
  }

  /** Without a commit before it, the archive is deleted. */
  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#fd);
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
    rmSync(this.#temporary, { force: true });
  }

  async #next(name: string, write: () => Promise<void>): Promise<void> {
    if (this.#names.has(name)) return;
    this.#names.add(name);
    const done = this.#last.then(write);
    this.#last = done;
    // Who waits for the next entry gets this one's error too; nobody need wait for it.
    done.catch(() => {});
    await done;
  }

  #write(bytes: Uint8Array): void {
    try {
      for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(this.#fd, rest));
    } catch (error) {
      if (!hasErrno(error, 'ENOSPC')) throw error;
      throw new TspodError('NO_SPACE', `writing "${this.#path}": no space left on device`, { cause: error });
    }
  }
}

function openNew(temporary: string, path: string): number {
  try {
    return openSync(temporary, 'wx', 0o644);
  } catch (error) {
    const reason = hasErrno(error, 'ENOENT') ? 'no such file or directory' : messageOf(error);
    throw new TspodError('BAD_ARGUMENT', `opening file "${path}": ${reason}`, { cause: error });
  }
}
