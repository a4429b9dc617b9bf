/** A folder that is filled with blobs: each is written beside its place and moved there when it is complete. */
import { closeSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno, TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import { writeFileAtomic } from '../../system/atomic-file.ts';
import { syncfs } from '../../system/xattr.ts';
import type { BlobFacts, BlobStream } from '../save/layer-blob.ts';
import { partialFile, removeAbandoned } from './partial-file.ts';

export class BlobFolder {
  readonly #folder: string;
  readonly #partial = new Set<string>();

  /** @param folder exists */
  constructor(folder: string) {
    this.#folder = folder;
    removeAbandoned(folder);
  }

  /** A blob of this size is there. */
  has(name: string, size: number): boolean {
    const stat = statSync(`${this.#folder}/${name}`, { throwIfNoEntry: false });
    return stat?.isFile() === true && stat.size === size;
  }

  /** @throws what the stream throws, TspodError NO_SPACE; nothing stays then */
  put(name: string, stream: AsyncIterable<Uint8Array>): Promise<void> {
    return this.#write(
      (fd) => writeStream(fd, stream),
      () => name,
    );
  }

  /** The same for a blob that gets its name from its digest. */
  async add(open: () => Promise<BlobStream>, name: (digest: Digest) => string): Promise<BlobFacts> {
    const stream = await open();
    await this.#write(
      (fd) => stream.writeTo(fd),
      () => name(stream.result().digest),
    );
    return stream.result();
  }

  async #write(content: (fd: number) => Promise<void>, name: () => string): Promise<void> {
    const temporary = partialFile(this.#folder);
    this.#partial.add(temporary);
    const fd = openSync(temporary, 'wx', 0o644);
    try {
      await content(fd);
      renameSync(temporary, this.#place(name()));
    } catch (error) {
      rmSync(temporary, { force: true });
      throw hasErrno(error, 'ENOSPC')
        ? new TspodError('NO_SPACE', `writing to "${this.#folder}": no space left on device`, { cause: error })
        : error;
    } finally {
      closeSync(fd);
      this.#partial.delete(temporary);
    }
  }

  file(name: string, content: Uint8Array): void {
    writeFileAtomic(this.#place(name), content, { mode: 0o644 });
  }

  /** Makes sure that it outlives a power cut. */
  commit(): void {
    const fd = openSync(this.#folder, 'r');
    try {
      syncfs(fd);
    } finally {
      closeSync(fd);
    }
  }

  close(): void {
    for (const path of this.#partial) rmSync(path, { force: true });
  }

  #place(name: string): string {
    const path = `${this.#folder}/${name}`;
    mkdirSync(dirname(path), { recursive: true });
    return path;
  }
}

async function writeStream(fd: number, stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const chunk of stream) {
    for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
  }
}
