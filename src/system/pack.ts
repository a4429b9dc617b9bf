/**
 * A layer on its way out: its files and its tar-split file (https://github.com/vbatts/tar-split) become the very tar
 * again that it came from, compressed if wanted. Reading, hashing and compressing happen in threads of the addon.
 */
import { availableParallelism } from 'node:os';
import { TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { type NativePackFile, type NativeUnpackFault, native, type PackHandle, systemError } from './native.ts';

export interface PackOptions {
  /** The layer's diff folder, then those below it: a file may have come from there. */
  folders: readonly string[];
  /** Path of its .tar-split.gz file. */
  tarSplit: string;
  /** Default `none`. */
  compression?: 'none' | 'gzip' | 'zstd' | undefined;
  /** Default: libisal's best for gzip where the machine has it, else 4; 3 for zstd. */
  level?: number | undefined;
  /** Of the uncompressed tar; checked before the stream ends. */
  diffId?: Digest | undefined;
  /** zstd: the content of every file in frames of its own, as zstd:chunked wants it. */
  perFile?: boolean;
  /** Compress gzip by libisal where the machine has it. Default true. */
  isal?: boolean;
}

export interface PackResult {
  /** Of the stream. */
  digest: Digest;
  size: number;
  /** Of the tar. */
  diffId: Digest;
  diffSize: number;
  /** With `perFile`: the files with content in their order, and where their frames are in the stream. */
  files: NativePackFile[];
}

/** Read it to its end or write it, once; then ask for the result. */
export interface PackedStream extends AsyncIterable<Buffer> {
  /** Writes it all to an open file or pipe, by a thread. @throws as reading does, and NO_SPACE */
  writeTo(fd: number): Promise<void>;
  result(): PackResult;
}

const codes = { none: 0, gzip: 2, zstd: 4 };
const mostThreads = 4;

/**
 * Starts with the first read.
 * @throws CORRUPT_STORE (while it is read) when a file is missing or not what it was when the layer was unpacked
 */
export function packLayer(options: PackOptions): PackedStream {
  return new NativePack(options);
}

class NativePack implements PackedStream {
  readonly #options: PackOptions;
  #handle: PackHandle | undefined;
  #wake: () => void = () => {};

  constructor(options: PackOptions) {
    this.#options = options;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    let notified = this.#nextNotice();
    const handle = native().packStart(nativeOptions(this.#options), () => this.#wake());
    this.#handle = handle;
    let ended = false;
    try {
      for (;;) {
        const bytes = native().packRead(handle);
        if (typeof bytes !== 'number') {
          if (bytes.length > 0) yield bytes;
        } else if (bytes === 1) break;
        else {
          await notified;
          notified = this.#nextNotice();
        }
      }
      ended = true;
      this.result();
    } finally {
      if (!ended) await this.#abort(handle, notified);
    }
  }

  async writeTo(fd: number): Promise<void> {
    let notified = this.#nextNotice();
    const handle = native().packStart({ ...nativeOptions(this.#options), fd }, () => this.#wake());
    this.#handle = handle;
    for (; native().packRead(handle) !== 1; notified = this.#nextNotice()) await notified;
    this.result();
  }

  result(): PackResult {
    if (!this.#handle) throw new Error('the layer was not read');
    const result = native().packResult(this.#handle);
    if ('fault' in result) throw errorOf(result);
    const { digest, size, diffId, diffSize, files } = result;
    return { digest: `sha256:${digest}`, size, diffId: `sha256:${diffId}`, diffSize, files };
  }

  #nextNotice(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #abort(handle: PackHandle, notified: Promise<void>): Promise<void> {
    native().packAbort(handle);
    for (let notice = notified; native().packRead(handle) !== 1; notice = this.#nextNotice()) await notice;
  }
}

function nativeOptions(options: PackOptions): Parameters<ReturnType<typeof native>['packStart']>[0] {
  const { folders, tarSplit, compression = 'none', level = 0, diffId = '', perFile = false, isal = true } = options;
  return {
    folders: [...folders],
    tarSplit,
    expectedDiffId: diffId.replace(/^sha256:/, ''),
    compression: codes[compression],
    level,
    fd: -1,
    threads: Math.min(availableParallelism(), mostThreads),
    allowIsal: isal,
    perFile,
  };
}

function errorOf({ fault, message, errno }: NativeUnpackFault): Error {
  if (fault === 'corrupt') return new TspodError('CORRUPT_STORE', message);
  if (fault === 'unsupported') return new TspodError('UNSUPPORTED', message);
  if (fault === 'aborted') return new TspodError('SYSTEM', 'reading the layer was aborted');
  const cause = systemError(errno, 'pack');
  const reason = cause.message.replace(/^\w+: /, '').replace(/, pack$/, '');
  const isFull = cause.code === 'ENOSPC' || cause.code === 'EDQUOT';
  return new TspodError(isFull ? 'NO_SPACE' : 'SYSTEM', `${message}: ${reason}`, { cause });
}
