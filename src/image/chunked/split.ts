/** The lines of a tar-split (https://github.com/vbatts/tar-split): raw bytes of a tar, and the places of its files. */
import { TspodError } from '../../errors.ts';

export type SplitEntry = { raw: Buffer } | { name: string; size: number; crc: string };

interface Line {
  type?: unknown;
  name?: unknown;
  name_raw?: unknown;
  size?: unknown;
  payload?: unknown;
}

/** @throws TspodError CORRUPT_BLOB. Files without content are left out. */
export function* splitEntries(text: Buffer): Generator<SplitEntry> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(10, start);
    const stop = end < 0 ? text.length : end;
    if (stop > start) {
      const entry = entryOf(parse(text.subarray(start, stop)));
      if (entry) yield entry;
    }
    start = stop + 1;
  }
}

function entryOf({ type, name, name_raw: nameRaw, size, payload }: Line): SplitEntry | null {
  if (type === 2) return { raw: Buffer.from(typeof payload === 'string' ? payload : '', 'base64') };
  if (type !== 1) throw broken();
  if (size === undefined || size === 0) return null;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw broken();
  const text = typeof nameRaw === 'string' ? Buffer.from(nameRaw, 'base64').toString('utf8') : String(name ?? '');
  return { name: text, size, crc: typeof payload === 'string' ? payload : '' };
}

/** A line for every header with all that precedes it, as readers of zstd:chunked expect it, and one for its file. */
export function splitText(members: Iterable<{ raw: Buffer; name: string | null; size: number; crc: string }>): Buffer {
  const lines: string[] = [];
  for (const { raw, name, size, crc } of members) {
    if (raw.length > 0)
      lines.push(JSON.stringify({ type: 2, payload: raw.toString('base64'), position: lines.length }));
    if (name === null) continue;
    const file = size > 0 ? { name, size, payload: crc } : { name, payload: null };
    lines.push(JSON.stringify({ type: 1, ...file, position: lines.length }));
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

function parse(line: Buffer): Line {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch (cause) {
    throw broken(cause);
  }
  throw broken();
}

function broken(cause?: unknown): TspodError {
  return new TspodError('CORRUPT_BLOB', 'the tar-split of the layer is broken', { cause });
}
