/** Finding the last lines of a log, from its end. */
import { readSync } from 'node:fs';
import { emptyLine, parseLine } from './record.ts';

const blockSize = 65536;
const newline = 0x0a;

/**
 * Where the last `count` lines of the file begin. A line that was split into several records counts once, together
 * with all its pieces; an unfinished one at the end counts too.
 */
export function tailOffset(fd: number, size: number, count: number): number {
  if (count <= 0) return size;
  const search = new Search(count);
  let start = size;
  let rest: Buffer = Buffer.alloc(0);
  while (start > 0) {
    const length = Math.min(blockSize, start);
    start -= length;
    const block = Buffer.allocUnsafe(length);
    readFully(fd, block, start);
    const bytes = Buffer.concat([block, rest]);
    const found = search.block(bytes, start);
    if (found !== null) return found;
    // The first line of the block may begin in the one before.
    rest = bytes.subarray(0, bytes.indexOf(newline) + 1);
    if (rest.length === 0) rest = bytes;
  }
  return rest.length > 0 ? (search.line(rest, 0, rest.length, 0) ?? 0) : 0;
}

function readFully(fd: number, buffer: Buffer, position: number): void {
  let done = 0;
  while (done < buffer.length) {
    const n = readSync(fd, buffer, done, buffer.length - done, position + done);
    if (n === 0) throw new Error('the log became shorter while it was read');
    done += n;
  }
}

class Search {
  #left: number;
  #first = true;
  #begin = -1;
  readonly #line = emptyLine();

  constructor(count: number) {
    this.#left = count;
  }

  /** All complete lines of the block but the first, from the last one on. */
  block(bytes: Buffer, offset: number): number | null {
    const firstEnd = bytes.indexOf(newline);
    let end = bytes.length;
    if (firstEnd < 0) return null;
    while (end > firstEnd + 1) {
      const before = bytes.lastIndexOf(newline, end - 2);
      const found = this.line(bytes, before + 1, end, offset);
      if (found !== null) return found;
      end = before + 1;
    }
    return null;
  }

  /** One more line, [start, end). The offset of the result as soon as the line is one too many. */
  line(bytes: Buffer, start: number, end: number, offset: number): number | null {
    const textEnd = bytes[end - 1] === newline ? end - 1 : end;
    const parsed = parseLine(bytes, start, textEnd, this.#line);
    if (parsed && (!parsed.partial || this.#first)) {
      if (this.#left === 0) return this.#begin;
      this.#left--;
      this.#first = false;
    }
    this.#begin = offset + start;
    return null;
  }
}
