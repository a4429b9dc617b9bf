/**
 * The table of contents of a zstd:chunked layer (containers/storage, pkg/chunked): what is in the tar, and for files the
 * zstd frames that hold their content. What comes from a registry is a stranger's.
 */
import { TspodError } from '../../errors.ts';
import { isDigest } from '../../oci/digest.ts';

export interface TocEntry {
  type: string;
  name: string;
  linkName?: string;
  mode?: number;
  size?: number;
  uid?: number;
  gid?: number;
  modtime?: string;
  accesstime?: string;
  changetime?: string;
  devMajor?: number;
  devMinor?: number;
  /** Values in base64. */
  xattrs?: Record<string, string>;
  /** Of the content, `sha256:…`. */
  digest?: string;
  /** The frames: from `offset` to `endOffset` in the blob. */
  offset?: number;
  endOffset?: number;
}

export interface Toc {
  version: 1;
  entries: TocEntry[];
  tarSplitDigest?: string;
}

/** Longest table, uncompressed: 150 MB, as in containers/storage. */
export const tocLimit = 150 * 1024 * 1024;

const types = new Set(['reg', 'hardlink', 'char', 'block', 'dir', 'fifo', 'symlink', 'chunk']);

/**
 * Parses and checks a table.
 *
 * @param end where the content of the blob ends
 * @throws TspodError CORRUPT_BLOB
 */
export function parseToc(bytes: Buffer, end: number): Toc {
  const toc = parse(bytes);
  if (toc.version !== 1 || !Array.isArray(toc.entries)) throw bad('it is of an unknown version');
  let before = 0;
  for (const entry of toc.entries) {
    checkEntry(entry);
    if (entry.type !== 'reg' || !entry.size) continue;
    const { offset = -1, endOffset = -1 } = entry;
    if (!isOffset(offset) || !isOffset(endOffset) || offset >= endOffset || endOffset > end) {
      throw bad(`"${entry.name.slice(0, 100)}" lies outside of the blob`);
    }
    if (offset < before) throw bad(`"${entry.name.slice(0, 100)}" overlaps another file`);
    before = endOffset;
  }
  return toc;
}

function checkEntry(entry: TocEntry): void {
  if (typeof entry !== 'object' || entry === null || !types.has(entry.type)) throw bad('an entry is of no known type');
  if (typeof entry.name !== 'string' || entry.name.includes('\0')) throw bad('an entry has no name');
  if (entry.name.split('/').includes('..')) throw bad(`the name "${entry.name.slice(0, 100)}" leads out of the layer`);
  if (entry.type !== 'reg' || !entry.size) return;
  if (!isOffset(entry.size)) throw bad(`"${entry.name.slice(0, 100)}" has an invalid size`);
  if (!isDigest(entry.digest)) throw bad(`"${entry.name.slice(0, 100)}" has no valid digest`);
}

function isOffset(value: unknown): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function parse(bytes: Buffer): Toc {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Toc;
  } catch (cause) {
    throw bad('it is no JSON', cause);
  }
  throw bad('it is no JSON object');
}

function bad(reason: string, cause?: unknown): TspodError {
  return new TspodError('CORRUPT_BLOB', `table of contents of the layer: ${reason}`, { cause });
}
