/**
 * The tar of a layer, byte for byte as it came, from its unpacked files and its tar-split file
 * (https://github.com/vbatts/tar-split: gzip of JSON lines).
 */
import { closeSync, constants, createReadStream, fstatSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { messageOf, TspodError } from '../errors.ts';
import { native } from './native.ts';
import { openInRoot } from './safe-path.ts';

export interface ReassembleOptions {
  /** The layer's diff folder. */
  diff: string;
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
export async function* reassembleLayer({ diff, tarSplit }: ReassembleOptions): AsyncGenerator<Uint8Array> {
  let chunk = new Chunk();
  for await (const entry of readEntries(tarSplit)) {
    for (const part of entry.type === 2 ? [rawBytes(entry)] : fileBytes(diff, entry)) {
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
  const input = source.pipe(createGunzip());
  source.on('error', (error) => input.destroy(error));
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line !== '') yield JSON.parse(line) as SplitEntry;
    }
  } catch (cause) {
    throw new TspodError('CORRUPT_STORE', `cannot read "${path}": ${messageOf(cause)}`, { cause });
  } finally {
    source.destroy();
  }
}

function rawBytes(entry: SplitEntry): Uint8Array {
  return Buffer.from(entry.payload ?? '', 'base64');
}

// Podman also writes entries without content, for folders and links.
function* fileBytes(diff: string, entry: SplitEntry): Generator<Uint8Array> {
  const size = entry.size ?? 0;
  if (entry.type !== 1 || size === 0) return;
  const name = entry.name ?? Buffer.from(entry.name_raw ?? '', 'base64');
  const fd = openFile(diff, name, size);
  try {
    yield* checkedBytes(fd, String(name), size, Buffer.from(entry.payload ?? '', 'base64'));
  } finally {
    closeSync(fd);
  }
}

function openFile(diff: string, name: string | Uint8Array, size: number): number {
  let fd: number;
  try {
    fd = openInRoot(diff, name, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch (cause) {
    throw new TspodError('CORRUPT_STORE', `layer file "${name}" is missing: ${messageOf(cause)}`, { cause });
  }
  const stat = fstatSync(fd);
  if (stat.isFile() && stat.size === size) return fd;
  closeSync(fd);
  throw new TspodError('CORRUPT_STORE', `layer file "${name}" has been changed`);
}

function* checkedBytes(fd: number, name: string, size: number, expected: Buffer): Generator<Uint8Array> {
  const crc = Buffer.alloc(8);
  for (let done = 0; done < size; ) {
    const buffer = Buffer.allocUnsafe(Math.min(chunkSize, size - done));
    const n = readSync(fd, buffer);
    if (n === 0) throw new TspodError('CORRUPT_STORE', `layer file "${name}" has been changed`);
    native().crc64(crc, buffer.subarray(0, n));
    yield buffer.subarray(0, n);
    done += n;
  }
  if (!crc.equals(expected)) throw new TspodError('CORRUPT_STORE', `file integrity checksum failed for "${name}"`);
}
