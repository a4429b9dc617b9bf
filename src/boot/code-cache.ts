/**
 * What V8 compiled in earlier calls of the same command, kept in one file a command beside the bundle.
 *
 * Node's own compile cache holds the functions that were compiled when a file was loaded, and nearly all of them are
 * compiled later, when they are first called: a fourth of a `run` went into that. These files are written at the end
 * of a call, when its functions are known.
 */
import { closeSync, fdatasyncSync, fstatSync, mkdirSync, openSync, readSync, renameSync, writeSync } from 'node:fs';

/** Where a chunk's compiled code and its source lie in the file: offset of the code, its length, length of the source. */
type Place = [offset: number, code: number, source: number];

interface Header {
  /** The build and the Node that the file belongs to. */
  stamp: string;
  chunks: Record<string, Place>;
}

export interface CachedChunk {
  code: Buffer;
  source: string;
}

export interface FreshChunk {
  name: string;
  code: Buffer;
  source: string;
}

/** Ends the header; JSON has no such byte. */
const headerEnd = 0;
const firstRead = 4096;
/** V8 copies code that does not begin at a multiple of it. */
const alignment = 8;

/** The cache of one command, open for reading as long as the process lives. */
export class CodeCache {
  readonly #fd: number;
  readonly #places: Header['chunks'];
  readonly #base: number;

  private constructor(fd: number, places: Header['chunks'], base: number) {
    this.#fd = fd;
    this.#places = places;
    this.#base = base;
  }

  /** Null when there is none for this build, or when somebody else could have written it: code is executed from it. */
  static open(path: string, stamp: string): CodeCache | null {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch {
      return null;
    }
    const header = isOurs(fd) ? readHeader(fd) : null;
    if (header?.header.stamp === stamp) return new CodeCache(fd, header.header.chunks, header.end);
    closeSync(fd);
    return null;
  }

  get(name: string): CachedChunk | null {
    const place = this.#places[name];
    if (!place) return null;
    const [offset, codeLength, sourceLength] = place;
    const bytes = Buffer.allocUnsafeSlow(codeLength + sourceLength);
    if (readSync(this.#fd, bytes, 0, bytes.length, this.#base + offset) !== bytes.length) return null;
    return { code: bytes.subarray(0, codeLength), source: bytes.toString('latin1', codeLength) };
  }
}

/** Replaces the file as a whole; a cache that cannot be written is none. */
export function writeCodeCache(folder: string, path: string, stamp: string, chunks: readonly FreshChunk[]): void {
  const parts: Buffer[] = [];
  const header: Header = { stamp, chunks: {} };
  let offset = 0;
  for (const { name, code, source } of chunks) {
    header.chunks[name] = [offset, code.length, source.length];
    const padding = -(code.length + source.length) & (alignment - 1);
    parts.push(code, Buffer.from(source, 'latin1'), Buffer.alloc(padding));
    offset += code.length + source.length + padding;
  }
  const temporary = `${path}.${process.pid}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o755 });
    const fd = openSync(temporary, 'wx', 0o644);
    writeSync(fd, Buffer.concat([Buffer.from(JSON.stringify(header)), Buffer.from([headerEnd]), ...parts]));
    fdatasyncSync(fd);
    closeSync(fd);
    renameSync(temporary, path);
  } catch {
    // The folder is not ours, or full: the next call compiles again.
  }
}

function isOurs(fd: number): boolean {
  const { uid, mode } = fstatSync(fd);
  return (uid === 0 || uid === process.geteuid?.()) && (mode & 0o022) === 0;
}

function readHeader(fd: number): { header: Header; end: number } | null {
  const bytes = Buffer.allocUnsafe(firstRead);
  const length = readSync(fd, bytes, 0, firstRead, 0);
  const end = bytes.subarray(0, length).indexOf(headerEnd);
  if (end < 0) return null;
  try {
    return { header: JSON.parse(bytes.toString('latin1', 0, end)) as Header, end: end + 1 };
  } catch {
    return null;
  }
}
