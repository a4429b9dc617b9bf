/** Reading a container's log: once, or as it grows and is rotated. */
import { closeSync, fstatSync, openSync, read, statSync } from 'node:fs';
import { promisify } from 'node:util';
import { hasErrno, TspodError } from '../../errors.ts';
import { changes } from './changes.ts';
import { Formatter, type LogChunk, type LogFormat } from './format.ts';
import { tailOffset } from './tail.ts';

export type { LogChunk } from './format.ts';

export interface LogOptions extends LogFormat {
  /** Path of the k8s-file log. */
  path: string;
  /** Only the last lines, 0 none. Undefined or negative: all. */
  tail?: number;
  /** Goes on when the end is reached, until this promise resolves: the container ended, or the user had enough. */
  follow?: Promise<unknown>;
}

const readAsync = promisify(read);
const blockSize = 262144;
const newline = 0x0a;

/** What is to be printed, in order. A chunk is only valid until the next one. A log that is not there is empty. */
export async function* readLogs(options: LogOptions): AsyncGenerator<LogChunk> {
  const file = openLog(options.path);
  if (file === null && !options.follow) return;
  const reader = new Reader(options, file);
  try {
    yield* options.follow ? reader.follow(options.follow) : reader.toEnd(reader.size);
  } finally {
    reader.close();
  }
}

function openLog(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return null;
    throw new TspodError('SYSTEM', `unable to read log file "${path}": ${(error as Error).message}`, { cause: error });
  }
}

class Reader {
  readonly #path: string;
  readonly #formatter: Formatter;
  #fd: number | null;
  #offset = 0;
  #buffer = Buffer.allocUnsafe(blockSize);
  /** Bytes at the start of the buffer that are no whole line yet. */
  #kept = 0;

  constructor({ path, tail = -1, ...format }: LogOptions, fd: number | null) {
    this.#path = path;
    this.#formatter = new Formatter(format);
    this.#fd = fd;
    if (fd !== null && tail >= 0) this.#offset = tailOffset(fd, this.size, tail);
  }

  /** Bytes in the file now. */
  get size(): number {
    return this.#fd === null ? 0 : fstatSync(this.#fd).size;
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  /** Up to the last whole line that is there now. A limit keeps a busy container from making this endless. */
  async *toEnd(limit = Number.POSITIVE_INFINITY): AsyncGenerator<LogChunk> {
    while (this.#fd !== null && !this.#formatter.done && this.#offset < limit) {
      if (this.#kept === this.#buffer.length) this.#grow();
      const room = Math.min(this.#buffer.length - this.#kept, limit - this.#offset);
      const { bytesRead } = await readAsync(this.#fd, this.#buffer, this.#kept, room, this.#offset);
      if (bytesRead === 0) return;
      this.#offset += bytesRead;
      yield* this.#wholeLines(this.#kept + bytesRead);
    }
  }

  async *follow(until: Promise<unknown>): AsyncGenerator<LogChunk> {
    let ended = false;
    const change = changes(this.#path);
    void until.finally(() => {
      ended = true;
      change.wake();
    });
    try {
      while (!this.#formatter.done) {
        const last = ended;
        yield* this.toEnd();
        yield* this.#nextFile();
        if (last) return;
        if (!ended) await change.next();
      }
    } finally {
      change.close();
    }
  }

  *#wholeLines(filled: number): Generator<LogChunk> {
    const end = this.#buffer.lastIndexOf(newline, filled - 1) + 1;
    if (end === 0) {
      this.#kept = filled;
      return;
    }
    // The formatter works in place, and only up to `end`.
    yield* this.#formatter.lines(this.#buffer, end);
    this.#buffer.copyWithin(0, end, filled);
    this.#kept = filled - end;
  }

  #grow(): void {
    const larger = Buffer.allocUnsafe(this.#buffer.length * 2);
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }

  /** The log was rotated or replaced: what is left of the old file, then the new one from its start. */
  async *#nextFile(): AsyncGenerator<LogChunk> {
    while (this.#wasReplaced()) {
      yield* this.toEnd();
      this.close();
      this.#fd = openLog(this.#path);
      this.#offset = 0;
      this.#kept = 0;
      yield* this.toEnd();
    }
  }

  #wasReplaced(): boolean {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (now === undefined) return false;
    if (this.#fd === null) return true;
    const mine = fstatSync(this.#fd);
    return mine.ino !== now.ino || mine.dev !== now.dev || mine.size < this.#offset;
  }
}
