/** Reads the journal of events: what is in it, and with `stream` what comes. */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { hasErrno } from '../../errors.ts';
import type { LoggedEvent } from '../../storage/event-log.ts';
import { changes } from '../logs/changes.ts';

export interface ReadOptions {
  path: string;
  /** From the beginning; else only what comes from now on, unless nothing is streamed. */
  fromStart: boolean;
  stream: boolean;
  /** Milliseconds since the epoch at which a stream ends. */
  endsAt?: number;
}

/** All events from the wanted place on, in the order of the file; those that a rotation copied come once. */
export async function* readEvents(options: ReadOptions): AsyncGenerator<LoggedEvent> {
  const { path, stream, endsAt } = options;
  const watched = stream ? changes(path) : null;
  const timer =
    endsAt === undefined ? undefined : setTimeout(() => watched?.wake(), Math.min(endsAt - Date.now(), 2e9));
  const journal = new Journal(path, Date.now());
  if (stream && !options.fromStart) journal.skip();
  try {
    for (;;) {
      yield* journal.read();
      if (!watched || (endsAt !== undefined && Date.now() >= endsAt)) return;
      await watched.next();
    }
  } finally {
    clearTimeout(timer);
    watched?.close();
    journal.close();
  }
}

/** The file under that name, across rotations. */
class Journal {
  readonly #path: string;
  readonly #since: number;
  #fd = -1;
  #offset = 0;
  #rest = Buffer.alloc(0);
  #inCopy = false;

  constructor(path: string, since: number) {
    this.#path = path;
    this.#since = since;
  }

  /** Leaves out what is there. */
  skip(): void {
    if (this.#open()) this.#offset = fstatSync(this.#fd).size;
  }

  *read(): Generator<LoggedEvent> {
    // A file that was replaced is read to its end first.
    for (let more = this.#open(); more; more = this.#reopen()) yield* this.#readFile();
  }

  *#readFile(): Generator<LoggedEvent> {
    const chunk = Buffer.allocUnsafe(65536);
    for (;;) {
      const length = readSync(this.#fd, chunk, 0, chunk.length, this.#offset);
      if (length === 0) return;
      this.#offset += length;
      const text = Buffer.concat([this.#rest, chunk.subarray(0, length)]);
      const end = text.lastIndexOf(10) + 1;
      this.#rest = text.subarray(end);
      for (const line of text.toString('utf8', 0, end).split('\n')) yield* this.#take(line);
    }
  }

  /** What a rotation after our start copied was seen in the old file. */
  *#take(line: string): Generator<LoggedEvent> {
    const event = parse(line);
    if (!event) return;
    const mark = event.Status === 'log-rotation' ? event.Attributes?.['io.podman.event.rotate'] : undefined;
    if (mark === 'begin' && Date.parse(event.Time) > this.#since) this.#inCopy = true;
    if (mark === 'end') this.#inCopy = false;
    if (!this.#inCopy) yield event;
  }

  #open(): boolean {
    if (this.#fd >= 0) return true;
    try {
      this.#fd = openSync(this.#path, 'r');
      return true;
    } catch (error) {
      if (hasErrno(error, 'ENOENT')) return false;
      throw error;
    }
  }

  #reopen(): boolean {
    const now = statSync(this.#path, { throwIfNoEntry: false });
    if (!now || now.ino === fstatSync(this.#fd).ino) return false;
    this.close();
    return this.#open();
  }

  close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
    this.#offset = 0;
    this.#rest = Buffer.alloc(0);
  }
}

/** Null for a line that is none of an event: other programs may write to a file that the user chose. */
function parse(line: string): LoggedEvent | null {
  if (line === '') return null;
  try {
    const event = JSON.parse(line) as Partial<LoggedEvent> | null;
    const isEvent =
      typeof event?.Status === 'string' && typeof event.Type === 'string' && typeof event.Time === 'string';
    return isEvent ? (event as LoggedEvent) : null;
  } catch {
    return null;
  }
}
