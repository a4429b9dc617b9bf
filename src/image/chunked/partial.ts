/**
 * Pulling only those files of a zstd:chunked layer that the store lacks. The tar of the layer is put together from its
 * tar-split, from files of other layers and from fetched frames, and goes through the unpacker like any other: names,
 * modes and links come from the tar, whose digest (the diff-id) is checked. The table of contents decides only where
 * content may be found, so that a wrong one can do no harm.
 */
import { messageOf, TspodError } from '../../errors.ts';
import { type Digest, isDigest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import { digestOf } from '../../registry/manifest.ts';
import { readBody } from '../../registry/read-body.ts';
import type { Store } from '../../storage/store.ts';
import { chunkedAnnotation } from './annotations.ts';
import { Frames, type RangeReader } from './frames.ts';
import { type LocalFile, LocalFiles, readLocal } from './local-files.ts';
import { type SplitEntry, splitEntries } from './split.ts';
import { parseToc, type Toc, type TocEntry, tocLimit } from './toc.ts';
import { decodeFrames } from './zstd.ts';

export interface PartialLayer {
  tar: AsyncIterable<Uint8Array>;
  tocDigest: Digest;
}

/** Share of the blob that must be saved: else one request for all of it is faster. */
const worthwhile = 0.1;

/**
 * @returns null when the whole blob is the better way: nothing of it is here, or the registry sends no ranges
 * @throws TspodError CORRUPT_BLOB for a table that is not what the manifest says, or makes no sense
 */
export async function partialLayer(
  store: Store,
  read: RangeReader,
  descriptor: Descriptor,
): Promise<PartialLayer | null> {
  const local = new LocalFiles(store);
  if (local.isEmpty) return null;
  const places = placesOf(descriptor);
  const body = await read(descriptor, places.start, places.end);
  const bytes = body && (await readBody(body, places.end - places.start));
  if (!bytes) return null;
  const { toc, split } = unpackTables(bytes, places);
  if (!split) return null;
  const parts = await planParts(toc, split, local);
  if (!parts) return null;
  const missing = parts.flatMap((part) => ('entry' in part && !part.local ? [part.entry] : []));
  const saved = 1 - missing.reduce((sum, entry) => sum + frameSize(entry), 0) / Math.max(descriptor.size, 1);
  if (saved < worthwhile || !isAscending(missing) || missing.some(isLarge)) return null;
  return { tar: tarOf(parts, new Frames(read, descriptor, missing)), tocDigest: places.tocDigest };
}

type Part = { raw: Buffer } | { entry: TocEntry; local: LocalFile | null };

async function planParts(toc: Toc, split: Buffer, local: LocalFiles): Promise<Part[] | null> {
  const files = new Map(
    toc.entries.filter(({ type, size }) => type === 'reg' && size).map((entry) => [cleanName(entry.name), entry]),
  );
  local.choose([...files.keys()]);
  const parts: Part[] = [];
  for (const piece of splitEntries(split)) {
    if ('raw' in piece) parts.push(piece);
    else parts.push(await filePart(piece, files, local));
  }
  return parts;
}

async function filePart(
  piece: Exclude<SplitEntry, { raw: Buffer }>,
  files: Map<string, TocEntry>,
  local: LocalFiles,
): Promise<Part> {
  const entry = files.get(cleanName(piece.name));
  if (!entry || entry.size !== piece.size) throw bad(`it does not describe "${piece.name.slice(0, 100)}"`);
  return { entry, local: await local.find(entry) };
}

async function* tarOf(parts: Part[], frames: Frames): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if ('raw' in part) yield part.raw;
    else if (part.local) yield* readLocal(part.local);
    else yield* frames.content(part.entry);
  }
}

interface Places {
  tocDigest: Digest;
  /** Of both tables together, in the blob. */
  start: number;
  end: number;
  toc: [offset: number, length: number, plain: number];
  split: [offset: number, length: number, plain: number];
}

function placesOf({ annotations = {}, size }: Descriptor): Places {
  const tocDigest = annotations[chunkedAnnotation.checksum];
  const toc = place(annotations[chunkedAnnotation.position], 4, size);
  const split = place(annotations[chunkedAnnotation.tarSplit], 3, size);
  if (!isDigest(tocDigest)) throw bad('its digest is invalid');
  const start = Math.min(toc[0], split[0]);
  const end = Math.max(toc[0] + toc[1], split[0] + split[1]);
  if (split[0] < toc[0] + toc[1] || end - start > tocLimit) throw bad('its place in the blob is invalid');
  return { tocDigest, start, end, toc, split };
}

function place(text = '', count: number, size: number): Places['toc'] {
  const numbers = /^\d+(:\d+)*$/.test(text) ? text.split(':').map(Number) : [];
  const [offset = -1, length = -1, plain = -1, kind = 1] = numbers;
  const isValid = numbers.length === count && numbers.every(Number.isSafeInteger) && kind === 1;
  if (!isValid || offset + length > size || length === 0) throw bad(`"${text.slice(0, 100)}" is no place in the blob`);
  if (length > tocLimit || plain > tocLimit) throw bad(`it has ${plain} bytes: more than ${tocLimit} are not read`);
  return [offset, length, plain];
}

function unpackTables(bytes: Buffer, { start, toc, split, tocDigest }: Places): { toc: Toc; split: Buffer | null } {
  const packedToc = bytes.subarray(toc[0] - start, toc[0] - start + toc[1]);
  const actual = digestOf(packedToc);
  if (actual !== tocDigest) throw bad(`it has digest ${actual}, expected ${tocDigest}`);
  const parsed = parseToc(unpack(packedToc, toc[2]), toc[0]);
  // Old images: the table does not vouch for the tar-split.
  if (parsed.tarSplitDigest === undefined) return { toc: parsed, split: null };
  const packedSplit = bytes.subarray(split[0] - start, split[0] - start + split[1]);
  if (digestOf(packedSplit) !== parsed.tarSplitDigest) throw bad('the tar-split does not have the digest it names');
  return { toc: parsed, split: unpack(packedSplit, split[2]) };
}

function unpack(bytes: Buffer, size: number): Buffer {
  try {
    const plain = Buffer.concat([...decodeFrames(bytes, size)]);
    if (plain.length === size) return plain;
  } catch (cause) {
    throw bad(messageOf(cause), cause);
  }
  throw bad('it is shorter than announced');
}

/** tspod's tar-splits have names without what the tar may have before them. */
function cleanName(name: string): string {
  return name.replace(/^(\.?\/)+/, '');
}

/** Files are decoded in memory: those that are too large for that come with the whole blob. */
function isLarge(entry: TocEntry): boolean {
  return frameSize(entry) > 64 * 1024 * 1024 || (entry.size ?? 0) > 256 * 1024 * 1024;
}

function frameSize({ offset = 0, endOffset = 0 }: TocEntry): number {
  return endOffset - offset;
}

function isAscending(entries: readonly TocEntry[]): boolean {
  return entries.every(({ offset = 0 }, index) => index === 0 || offset >= (entries[index - 1]?.endOffset ?? 0));
}

function bad(reason: string, cause?: unknown): TspodError {
  return new TspodError('CORRUPT_BLOB', `table of contents of the layer: ${reason}`, { cause });
}
