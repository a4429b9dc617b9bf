/**
 * The table of contents of a tar file on disk: names with the place of their content, so that an archive of many
 * gigabytes is read only where it matters (POSIX pax, GNU long names, base-256 sizes).
 */
import { type FileHandle, open } from 'node:fs/promises';
import { TspodError } from '../../errors.ts';

export interface TarEntry {
  /** Bytes from the start of the file. */
  offset: number;
  size: number;
  /** Target of a symbolic or hard link; '' for files. */
  link: string;
}

const block = 512;
const maxEntries = 200_000;
const maxExtension = 1024 * 1024;

/**
 * Indexes a tar file.
 *
 * @returns name to entry; names without a leading `./`
 * @throws TspodError CORRUPT_BLOB in the words of Go's archive/tar
 */
export async function indexTar(path: string): Promise<Map<string, TarEntry>> {
  const file = await open(path, 'r');
  try {
    return await readEntries(file);
  } finally {
    await file.close();
  }
}

interface Overrides {
  path?: string | undefined;
  linkpath?: string | undefined;
  size?: number | undefined;
}

async function readEntries(file: FileHandle): Promise<Map<string, TarEntry>> {
  const { size: total } = await file.stat();
  const entries = new Map<string, TarEntry>();
  let next: Overrides = {};
  for (let position = 0; position < total; ) {
    const header = await readAt(file, position, block);
    if (header.every((byte) => byte === 0)) break;
    checkHeader(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const size = next.size ?? number(header.subarray(124, 136));
    const offset = position + block;
    if (offset + size > total) throw new TspodError('CORRUPT_BLOB', 'unexpected EOF');
    position = offset + Math.ceil(size / block) * block;
    if ('xgLK'.includes(type)) {
      if (size > maxExtension) throw invalid();
      next = { ...next, ...extension(type, await readAt(file, offset, size)) };
      continue;
    }
    const name = cleanName(next.path ?? nameOf(header));
    const link = type === '1' || type === '2' ? (next.linkpath ?? text(header.subarray(157, 257))) : '';
    entries.set(name, { offset, size, link });
    if (entries.size > maxEntries)
      throw new TspodError('CORRUPT_BLOB', `the archive has more than ${maxEntries} entries`);
    next = {};
  }
  return entries;
}

function extension(type: string, content: Buffer): Overrides {
  if (type === 'L') return { path: text(content) };
  if (type === 'K') return { linkpath: text(content) };
  if (type === 'g') return {};
  const records = paxRecords(content);
  const textOf = (key: string) => records.get(key)?.toString('utf8');
  const size = textOf('size');
  return {
    ...(records.has('path') ? { path: textOf('path') } : {}),
    ...(records.has('linkpath') ? { linkpath: textOf('linkpath') } : {}),
    ...(size !== undefined && /^\d+$/.test(size) ? { size: Number(size) } : {}),
  };
}

/** The records of a PAX header; values are bytes. */
export function paxRecords(content: Buffer): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  for (let start = 0; start < content.length; ) {
    const space = content.indexOf(0x20, start);
    const length = Number(content.subarray(start, space).toString('latin1'));
    if (space < 0 || !Number.isSafeInteger(length) || length <= space - start) break;
    const record = content.subarray(space + 1, start + length - 1);
    const equals = record.indexOf('=');
    records.set(record.subarray(0, equals).toString('utf8'), record.subarray(equals + 1));
    start += length;
  }
  return records;
}

/** @throws TspodError CORRUPT_BLOB when the checksum of a header is wrong */
export function checkHeader(header: Buffer): void {
  const stored = number(header.subarray(148, 156));
  let sum = 0;
  for (let index = 0; index < block; index += 1) sum += index >= 148 && index < 156 ? 0x20 : (header[index] ?? 0);
  if (sum !== stored) throw invalid();
}

/** The name in a header, without what PAX and GNU headers before it say. */
export function nameOf(header: Buffer): string {
  const name = text(header.subarray(0, 100));
  const isUstar = header.subarray(257, 262).toString('latin1') === 'ustar' && header[262] === 0;
  const prefix = isUstar ? text(header.subarray(345, 500)) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** Octal, or base-256 when the first bit is set. */
export function number(field: Buffer): number {
  if (((field[0] ?? 0) & 0x80) === 0) {
    const digits = field
      .toString('latin1')
      .replace(/[\0 ]+/g, ' ')
      .trim();
    if (!/^[0-7]*$/.test(digits)) throw invalid();
    return digits === '' ? 0 : Number.parseInt(digits, 8);
  }
  const value = Number(BigInt(`0x${field.subarray(1).toString('hex')}`));
  if (!Number.isSafeInteger(value)) throw invalid();
  return value;
}

/** A field up to its first NUL. */
export function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? field.length : end).toString('utf8');
}

function cleanName(name: string): string {
  return name.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw new TspodError('CORRUPT_BLOB', 'unexpected EOF');
  return buffer;
}

function invalid(): TspodError {
  return new TspodError('CORRUPT_BLOB', 'archive/tar: invalid tar header');
}
