/** Content of single files out of a zstd:chunked blob: their frames are fetched in few requests and checked. */
import { createHash } from 'node:crypto';
import { hasCode, messageOf, TspodError } from '../../errors.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import type { TocEntry } from './toc.ts';
import { decodeFrames } from './zstd.ts';

/** Some bytes of a blob; null when the source cannot do that. */
export type RangeReader = (
  descriptor: Descriptor,
  start: number,
  end: number,
) => Promise<AsyncIterable<Uint8Array> | null>;

/** Below this, the bytes between two files are fetched too: a request costs more. */
const gap = 64 * 1024;
const tries = 4;

export class Frames {
  readonly #read: RangeReader;
  readonly #descriptor: Descriptor;
  readonly #ranges: [start: number, end: number][];
  #open: AsyncIterator<Uint8Array> | undefined;
  #rest: Uint8Array = new Uint8Array();
  #position = 0;
  #end = 0;

  /** @param wanted the files that will be asked for, in the order of the blob */
  constructor(read: RangeReader, descriptor: Descriptor, wanted: readonly TocEntry[]) {
    this.#read = read;
    this.#descriptor = descriptor;
    this.#ranges = coalesce(wanted);
  }

  /** The content of the next file. @throws TspodError CORRUPT_BLOB when it is not what the table says */
  async *content(entry: TocEntry): AsyncGenerator<Uint8Array> {
    const { size = 0, digest, name } = entry;
    const hash = createHash('sha256');
    let done = 0;
    for await (const chunk of this.#decoded(entry)) {
      done += chunk.length;
      if (done > size) break;
      hash.update(chunk);
      yield chunk;
    }
    if (done !== size || digest !== `sha256:${hash.digest('hex')}`) {
      throw new TspodError('CORRUPT_BLOB', `the content of "${name}" is not what the table of contents says`);
    }
  }

  async *#decoded({ offset = 0, endOffset = 0, size = 0, name }: TocEntry): AsyncGenerator<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this.#bytes(offset, endOffset)) parts.push(part);
    try {
      yield* decodeFrames(Buffer.concat(parts), size);
    } catch (error) {
      throw new TspodError('CORRUPT_BLOB', `the frames of "${name}": ${messageOf(error)}`, { cause: error });
    }
  }

  async *#bytes(start: number, end: number): AsyncGenerator<Uint8Array> {
    while (this.#position < end) {
      if (this.#rest.length === 0 && !(await this.#more(start))) break;
      const skip = Math.min(Math.max(start - this.#position, 0), this.#rest.length);
      this.#advance(skip);
      const part = this.#rest.subarray(0, end - this.#position);
      this.#advance(part.length);
      if (part.length > 0) yield part;
    }
  }

  #advance(count: number): void {
    this.#rest = this.#rest.subarray(count);
    this.#position += count;
  }

  /** Reads on in the open range, or opens the one that has `start`. */
  async #more(start: number): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (this.#position >= this.#end) await this.#next(start);
        this.#open ??= await this.#request();
        const { done, value } = await this.#open.next();
        if (done) return false;
        this.#rest = value;
        return true;
      } catch (error) {
        // A connection that broke: the rest of the range is asked for again.
        if (attempt === tries || !hasCode(error, 'UNREACHABLE')) throw error;
        this.#open = undefined;
      }
    }
  }

  async #next(start: number): Promise<void> {
    const found = this.#ranges.find(([from, to]) => from <= start && start < to);
    if (!found) throw new Error(`no range has byte ${start}`);
    await this.#open?.return?.();
    this.#open = undefined;
    this.#position = Math.max(found[0], this.#position);
    this.#end = found[1];
  }

  async #request(): Promise<AsyncIterator<Uint8Array>> {
    const body = await this.#read(this.#descriptor, this.#position, this.#end);
    if (!body) throw new TspodError('REGISTRY', 'the registry sends no ranges of blobs any more');
    return body[Symbol.asyncIterator]();
  }
}

function coalesce(wanted: readonly TocEntry[]): [start: number, end: number][] {
  const ranges: [number, number][] = [];
  for (const { offset = 0, endOffset = 0 } of wanted) {
    const last = ranges.at(-1);
    if (last && offset - last[1] <= gap) last[1] = endOffset;
    else ranges.push([offset, endOffset]);
  }
  return ranges;
}
