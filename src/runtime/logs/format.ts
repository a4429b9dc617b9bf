/** What of a log is printed, and how. Pure. */
import { emptyLine, type LogStream, parseLine } from './record.ts';
import { parseTimestamp, printedTimestamp } from './timestamp.ts';

export interface LogFormat {
  timestamps?: boolean;
  /** In front of every record, for example `name `. */
  prefix?: string;
  /** An ANSI sequence; the record is followed by a reset. */
  color?: string;
  /** Nanoseconds since the epoch; only records after it. */
  since?: bigint;
  /** Only records before it. */
  until?: bigint;
}

/** Printable bytes of one stream, only valid until the next chunk is asked for. */
export interface LogChunk {
  stream: LogStream;
  data: Buffer;
}

const newline = 0x0a;
const reset = '\u001b[0m';

/** Turns whole lines of a log into what is printed. Keeps state between calls: use one for a whole log. */
export class Formatter {
  readonly #format: LogFormat;
  readonly #plain: boolean;
  readonly #line = emptyLine();
  #pastUntil = false;

  constructor(format: LogFormat) {
    this.#format = format;
    const { timestamps, prefix, color, since, until } = format;
    this.#plain = !timestamps && !prefix && !color && since === undefined && until === undefined;
  }

  /** A record was younger than `until`: nothing more will come. */
  get done(): boolean {
    return this.#pastUntil;
  }

  /** The lines at [0, end) of `bytes`, which may be overwritten. Lines that are no records are left out. */
  *lines(bytes: Buffer, end: number): Generator<LogChunk> {
    if (this.#plain) yield* this.#compact(bytes, end);
    else yield* this.#decorate(bytes, end);
  }

  // In place: what is printed is never longer than the record.
  *#compact(bytes: Buffer, end: number): Generator<LogChunk> {
    const line = this.#line;
    let from = 0;
    let to = 0;
    let stream: LogStream = 'stdout';
    for (let start = 0; start < end; ) {
      const stop = bytes.indexOf(newline, start);
      const parsed = parseLine(bytes, start, stop, line);
      start = stop + 1;
      if (!parsed) continue;
      if (line.stream !== stream) {
        if (to > from) yield { stream, data: bytes.subarray(from, to) };
        from = to;
        stream = line.stream;
      }
      const last = line.partial ? stop : stop + 1;
      bytes.copyWithin(to, line.payload, last);
      to += last - line.payload;
    }
    if (to > from) yield { stream, data: bytes.subarray(from, to) };
  }

  *#decorate(bytes: Buffer, end: number): Generator<LogChunk> {
    const line = this.#line;
    for (let start = 0; start < end; ) {
      const stop = bytes.indexOf(newline, start);
      const begin = start;
      start = stop + 1;
      if (!parseLine(bytes, begin, stop, line)) continue;
      const time = bytes.toString('latin1', begin, line.timeEnd);
      if (!this.#isWanted(time)) continue;
      yield { stream: line.stream, data: this.#print(bytes.subarray(line.payload, stop), time, line.partial) };
    }
  }

  #isWanted(time: string): boolean {
    const { since, until } = this.#format;
    if (since === undefined && until === undefined) return true;
    const at = parseTimestamp(time);
    if (at === null) return false;
    if (until !== undefined && at >= until) {
      this.#pastUntil = true;
      return false;
    }
    return since === undefined || at > since;
  }

  #print(payload: Buffer, time: string, partial: boolean): Buffer {
    const { timestamps, prefix = '', color } = this.#format;
    const stamp = timestamps ? `${printedTimestamp(time)} ` : '';
    const tail = `${color ? reset : ''}${partial ? '' : '\n'}`;
    return Buffer.concat([Buffer.from(`${color ?? ''}${prefix}${stamp}`), payload, Buffer.from(tail)]);
  }
}
