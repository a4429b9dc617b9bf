/**
 * The tar of a layer, byte for byte as it came, from its unpacked files and its tar-split file
 * (https://github.com/vbatts/tar-split: gzip of JSON lines).
 */
import { closeSync, constants, createReadStream, fstatSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { hasErrno, messageOf, TspodError } from '../errors.ts';
import { native } from './native.ts';
import { openInRoot } from './safe-path.ts';

export interface ReassembleOptions {
  /** The layer's diff folder, then those below it: a file may have come from there. */
  folders: readonly string[];
  /** Path of its .tar-split.gz file. */
  tarSplit: string;
}

/** One line: type 1 is a file's content, type 2 raw bytes. */
interface SplitEntry {
  type: number;
  name?: string;
  name_raw?: string;
  size?: number;
  payload?: string;
}

const chunkSize = 256 * 1024;

/**
 * Yields the uncompressed tar in chunks of up to 256 KiB.
 * @throws CORRUPT_STORE when a file is missing, or not what it was when the layer was unpacked
 */
export async function* reassembleLayer({ folders, tarSplit }: ReassembleOptions): AsyncGenerator<Buffer> {
  let chunk = new Chunk();
  for await (const entry of readEntries(tarSplit)) {
    for (const part of entry.type === 2 ? [rawBytes(entry)] : fileBytes(folders, entry)) {
      for (let rest = part; rest.length > 0; ) {
        rest = chunk.take(rest);
        if (!chunk.full) continue;
        yield chunk.bytes();
        chunk = new Chunk();
      }
    }
  }
  if (chunk.bytes().length > 0) yield chunk.bytes();
}

class Chunk {
  readonly #buffer = Buffer.allocUnsafe(chunkSize);
  #length = 0;

  get full(): boolean {
    return this.#length === chunkSize;
  }

  /** What did not fit. */
  take(part: Uint8Array): Uint8Array {
    const n = Math.min(part.length, chunkSize - this.#length);
    this.#buffer.set(part.subarray(0, n), this.#length);
    this.#length += n;
    return part.subarray(n);
  }

  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}

async function* readEntries(path: string): AsyncGenerator<SplitEntry> {
  const source = createReadStream(path);
  const text = source.pipe(createGunzip());
  source.on('error', (error) => text.destroy(error));
  try {
    for await (const line of linesOf(text)) if (line.length > 0) yield JSON.parse(line.toString()) as SplitEntry;
  } catch (cause) {
    throw new TspodError('CORRUPT_STORE', `cannot read "${path}": ${messageOf(cause)}`, { cause });
  } finally {
    source.destroy();
  }
}

// As bytes: a chunk may end within a character, and node:readline takes U+2028 for the end of a line.
async function* linesOf(text: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer[] = [];
  for await (const chunk of text) {
    let start = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, start)) {
      yield Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      start = end + 1;
    }
    if (start < chunk.length) rest.push(chunk.subarray(start));
  }
  yield Buffer.concat(rest);
}

function rawBytes(entry: SplitEntry): Uint8Array {
  return Buffer.from(entry.payload ?? '', 'base64');
}

// Podman also writes entries without content, for folders and links.
function* fileBytes(folders: readonly string[], entry: SplitEntry): Generator<Uint8Array> {
  const size = entry.size ?? 0;
  if (entry.type !== 1 || size === 0) return;
  const name = entry.name_raw ? Buffer.from(entry.name_raw, 'base64') : (entry.name ?? '');
  const fd = openFirst(folders, name);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile() || stat.size !== size) throw changed(name);
    yield* checkedBytes(fd, name, size, Buffer.from(entry.payload ?? '', 'base64'));
  } finally {
    closeSync(fd);
  }
}

function openFirst(folders: readonly string[], name: string | Buffer): number {
  let failure: unknown;
  for (const folder of folders) {
    try {
      // Non-blocking: a fifo in the place of the file must not stop us.
      return openInRoot(folder, name, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw error;
      failure ??= error;
    }
  }
  throw new TspodError('CORRUPT_STORE', `"${name}" is missing: file integrity checksum failed`, { cause: failure });
}

function* checkedBytes(fd: number, name: string | Buffer, size: number, expected: Buffer): Generator<Uint8Array> {
  const crc = Buffer.alloc(8);
  for (let done = 0; done < size; ) {
    const buffer = Buffer.allocUnsafe(Math.min(chunkSize, size - done));
    const n = readSync(fd, buffer);
    if (n === 0) throw changed(name);
    native().crc64(crc, buffer.subarray(0, n));
    yield buffer.subarray(0, n);
    done += n;
  }
  if (!crc.equals(expected)) throw changed(name);
}

function changed(name: string | Buffer): TspodError {
  return new TspodError('CORRUPT_STORE', `"${name}" was changed: file integrity checksum failed`);
}
