/** The members of a tar whose raw bytes a tar-split has: what a table of contents says of them. */
import { TspodError } from '../../errors.ts';
import { checkHeader, nameOf, number, paxRecords, text } from '../archive/tar-index.ts';
import type { SplitEntry } from './split.ts';
import type { TocEntry } from './toc.ts';

const block = 512;
const types: Record<string, string> = {
  '\0': 'reg',
  '0': 'reg',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  '6': 'fifo',
};

interface Overrides {
  path?: string;
  linkpath?: string;
  pax: Map<string, Buffer>;
}

export interface Member {
  /** Null for what follows the last member. */
  entry: TocEntry | null;
  /** Its headers, after the padding of the file before. */
  raw: Buffer;
  /** CRC-64 of its content in base64. */
  crc: string;
}

/** @throws TspodError UNSUPPORTED for members that a table cannot describe (sparse files) */
export function* tarMembers(split: Iterable<SplitEntry>): Generator<Member> {
  const reader = new RawReader(split);
  let next: Overrides = { pax: new Map() };
  for (let header = reader.take(block); header; header = reader.take(block)) {
    if (header.every((byte) => byte === 0)) break;
    checkHeader(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const size = Number(next.pax.get('size')?.toString() ?? number(header.subarray(124, 136)));
    if ('xgLK'.includes(type)) {
      const content = reader.take(size) ?? Buffer.alloc(0);
      reader.skip(padding(size));
      next = extended(next, type, content);
      continue;
    }
    const entry = entryOf(header, type, size, next);
    const raw = reader.taken();
    const hasFile = size > 0 && entry.type === 'reg';
    yield { entry, raw, crc: hasFile ? reader.skipFile(size) : '' };
    if (!hasFile) reader.skip(size);
    reader.skip(padding(size));
    next = { pax: new Map() };
  }
  reader.skip(Number.MAX_SAFE_INTEGER);
  yield { entry: null, raw: reader.taken(), crc: '' };
}

function extended(before: Overrides, type: string, content: Buffer): Overrides {
  if (type === 'L') return { ...before, path: text(content) };
  if (type === 'K') return { ...before, linkpath: text(content) };
  return type === 'x' ? { ...before, pax: paxRecords(content) } : before;
}

function entryOf(header: Buffer, type: string, size: number, { path, linkpath, pax }: Overrides): TocEntry {
  const kind = types[type];
  const isSparse = [...pax.keys()].some((key) => key.startsWith('GNU.sparse'));
  const name = pax.get('path')?.toString() ?? path ?? nameOf(header);
  if (!kind || isSparse || name.includes('\ufffd'))
    throw new TspodError('UNSUPPORTED', `zstd:chunked cannot describe "${name}"`);
  const link = pax.get('linkpath')?.toString() ?? linkpath ?? text(header.subarray(157, 257));
  const id = (key: string, from: number) => Number(pax.get(key)?.toString() ?? number(header.subarray(from, from + 8)));
  const xattrs = [...pax].filter(([key]) => key.startsWith('SCHILY.xattr.'));
  const device = kind === 'char' || kind === 'block';
  return withoutZeros({
    type: kind,
    name,
    linkName: kind === 'hardlink' || kind === 'symlink' ? link : '',
    mode: number(header.subarray(100, 108)),
    size: kind === 'reg' ? size : 0,
    uid: id('uid', 108),
    gid: id('gid', 116),
    modtime: timeOf(pax.get('mtime')?.toString() ?? String(number(header.subarray(136, 148)))),
    accesstime: paxTime(pax, 'atime'),
    changetime: paxTime(pax, 'ctime'),
    devMajor: device ? number(header.subarray(329, 337)) : 0,
    devMinor: device ? number(header.subarray(337, 345)) : 0,
    ...(xattrs.length > 0
      ? { xattrs: Object.fromEntries(xattrs.map(([key, value]) => [key.slice(13), value.toString('base64')])) }
      : {}),
  });
}

function paxTime(pax: Map<string, Buffer>, key: string): string {
  const seconds = pax.get(key)?.toString();
  return seconds === undefined ? '' : timeOf(seconds);
}

/** RFC 3339 with nanoseconds. */
function timeOf(seconds: string): string {
  const [whole = '0', fraction = ''] = seconds.split('.');
  const date = new Date(Number(whole) * 1000).toISOString().slice(0, 19);
  const digits = fraction.slice(0, 9).replace(/0+$/, '');
  return `${date}${digits ? `.${digits}` : ''}Z`;
}

function withoutZeros(entry: TocEntry): TocEntry {
  return Object.fromEntries(
    Object.entries(entry).filter(([, value]) => value !== '' && value !== 0),
  ) as unknown as TocEntry;
}

function padding(size: number): number {
  return (block - (size % block)) % block;
}

/** The raw bytes in order, with the files taken out. */
class RawReader {
  readonly #split: Iterator<SplitEntry>;
  #rest: Buffer = Buffer.alloc(0);
  #taken: Buffer[] = [];

  constructor(split: Iterable<SplitEntry>) {
    this.#split = split[Symbol.iterator]();
  }

  /** Null at the end. */
  take(size: number): Buffer | null {
    while (this.#rest.length < size) {
      const next = this.#split.next();
      if (next.done) return null;
      if (!('raw' in next.value)) throw broken();
      this.#rest = Buffer.concat([this.#rest, next.value.raw]);
    }
    const taken = this.#rest.subarray(0, size);
    this.#rest = this.#rest.subarray(size);
    this.#taken.push(taken);
    return taken;
  }

  /** All that was taken or skipped since the last call. */
  taken(): Buffer {
    return Buffer.concat(this.#taken.splice(0));
  }

  skip(size: number): void {
    for (let left = size; left > 0; ) {
      const part = this.take(Math.min(left, Math.max(this.#rest.length, 1)));
      if (part === null) return;
      left -= part.length;
    }
  }

  skipFile(size: number): string {
    if (this.#rest.length > 0) throw broken();
    const next = this.#split.next();
    if (next.done || 'raw' in next.value || next.value.size !== size) throw broken();
    return next.value.crc;
  }
}

function broken(): TspodError {
  return new TspodError('CORRUPT_STORE', 'the tar-split of the layer does not fit its tar');
}
