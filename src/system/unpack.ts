/**
 * The layer unpacker: bytes of a blob in, a folder of files and a tar-split file out.
 *
 * Decoding, hashing, parsing and writing happen in two threads of the addon. Rules: OCI image specification 1.1,
 * "Image Layer Filesystem Changeset", and what containers/storage makes of it.
 */
import { TspodError } from '../errors.ts';
import { type Digest, hexOf } from '../oci/digest.ts';
import { type NativeUnpackFault, type NativeUnpackResult, native, systemError, type UnpackHandle } from './native.ts';
import { inUserNamespace } from './userns.ts';

export interface UnpackLimits {
  /** Members of the tar. Default 4 million. */
  entries?: number;
  /** Bytes that must stay free on the disk. Default 64 MiB; 0 for no check. */
  keepFree?: number;
  /** Unpacked size by packed size, looked at from 1 GiB on. Default 2000 (gzip cannot exceed 1032). */
  ratio?: number;
}

export interface UnpackOptions {
  /** The layer's diff folder: it exists and is empty. Its own mode and owner are left alone. */
  dir: string;
  /** Path of the .tar-split.gz file to write. */
  tarSplit: string;
  /** Of the blob as it comes in. */
  expectedDigest?: Digest;
  expectedSize?: number;
  /** Of the uncompressed tar. */
  expectedDiffId?: Digest;
  limits?: UnpackLimits;
  /**
   * No device nodes, user.overlay.opaque, attributes that may not be set are skipped. Default: whether this process is
   * in a user namespace.
   */
  rootless?: boolean;
  /** Go on when an owner cannot be set (ignore_chown_errors of storage.conf). */
  ignoreChownErrors?: boolean;
  /** Decode gzip by libisal where the machine has it. Default true. */
  isal?: boolean;
}

export interface UnpackResult {
  compressedDigest: Digest;
  compressedSize: number;
  diffId: Digest;
  diffSize: number;
  /** As containers/storage numbers it: 0 none, 2 gzip, 4 zstd. */
  compression: 0 | 1 | 2 | 3 | 4;
  /** Owners in the tar's headers, sorted; whiteouts do not count. */
  uids: number[];
  gids: number[];
}

export interface Unpacker {
  /** Takes a chunk (it is copied). A promise asks to wait for it before the next; it rejects when all has failed. */
  write(chunk: Uint8Array): Promise<void> | true;
  /**
   * After the last chunk: waits until everything is written and checked. Nothing is synced to disk.
   * @throws CORRUPT_BLOB, REFUSED_LAYER, UNSUPPORTED, NO_SPACE, or an errno error
   */
  finish(): Promise<UnpackResult>;
  /** Stops and waits for the threads. The folder then holds whatever had been written. */
  abort(): Promise<void>;
}

/** Starts two threads: always end with `finish` or `abort`. */
export function createUnpacker(options: UnpackOptions): Unpacker {
  return new NativeUnpacker(options);
}

class NativeUnpacker implements Unpacker {
  readonly #handle: UnpackHandle;
  readonly #done: Promise<void>;
  #setDone: () => void = () => {};
  #drained: (() => void)[] = [];

  constructor(options: UnpackOptions) {
    this.#done = new Promise((resolve) => {
      this.#setDone = resolve;
    });
    this.#handle = native().unpackStart(nativeOptions(options), (done) => this.#notified(done));
  }

  write(chunk: Uint8Array): Promise<void> | true {
    const state = native().unpackWrite(this.#handle, chunk);
    if (state > 0) return true;
    return state === 0 ? new Promise((resolve) => this.#drained.push(resolve)) : this.#fail();
  }

  async finish(): Promise<UnpackResult> {
    native().unpackEnd(this.#handle);
    await this.#done;
    const result = native().unpackResult(this.#handle);
    if ('fault' in result) throw errorOf(result);
    return resultOf(result);
  }

  async abort(): Promise<void> {
    native().unpackAbort(this.#handle);
    await this.#done;
  }

  async #fail(): Promise<never> {
    await this.#done;
    const result = native().unpackResult(this.#handle);
    throw 'fault' in result ? errorOf(result) : new TspodError('CORRUPT_BLOB', 'data after the end of the layer');
  }

  #notified(done: boolean): void {
    for (const resolve of this.#drained.splice(0)) resolve();
    if (done) this.#setDone();
  }
}

function nativeOptions(options: UnpackOptions): Parameters<ReturnType<typeof native>['unpackStart']>[0] {
  const { dir, tarSplit, expectedSize, rootless = inUserNamespace(), ignoreChownErrors = false, isal = true } = options;
  const { entries = 4_000_000, keepFree = 64 * 1024 * 1024, ratio = 2000 } = options.limits ?? {};
  return {
    dir,
    tarSplit,
    expectedSize,
    expectedDigest: options.expectedDigest && hexOf(options.expectedDigest),
    expectedDiffId: options.expectedDiffId && hexOf(options.expectedDiffId),
    rootless,
    ignoreChownErrors,
    allowIsal: isal,
    maxEntries: entries,
    keepFree,
    maxRatio: ratio,
  };
}

function resultOf(result: NativeUnpackResult): UnpackResult {
  return {
    compressedDigest: `sha256:${result.digest}`,
    compressedSize: result.size,
    diffId: `sha256:${result.diffId}`,
    diffSize: result.diffSize,
    compression: result.compression as UnpackResult['compression'],
    uids: result.uids,
    gids: result.gids,
  };
}

function errorOf({ fault, message, errno }: NativeUnpackFault): Error {
  if (fault === 'corrupt') return new TspodError('CORRUPT_BLOB', message);
  if (fault === 'refused') return new TspodError('REFUSED_LAYER', message);
  if (fault === 'unsupported') return new TspodError('UNSUPPORTED', message);
  if (fault === 'aborted') return new TspodError('SYSTEM', 'unpacking was aborted');
  const cause = systemError(errno, 'unpack');
  const text = `${message}: ${cause.message.replace(/^\w+: /, '').replace(/, unpack$/, '')}`;
  return new TspodError(cause.code === 'ENOSPC' || cause.code === 'EDQUOT' ? 'NO_SPACE' : 'SYSTEM', text, { cause });
}
