/** Turns a stream into a temporary file, compressed or not: its digest must be known before it is sent anywhere. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import type { Digest } from '../../oci/digest.ts';

export type Compression = 'gzip' | 'zstd' | 'none';

export interface Spooled {
  digest: Digest;
  size: number;
  stream(): AsyncIterable<Uint8Array>;
  remove(): void;
}

export interface Encoding {
  compression: Compression;
  /** 1 to 9 for gzip, 1 to 22 for zstd; default: the library's. */
  level?: number | undefined;
}

/** @param folder exists, and is the caller's to delete */
export async function spool(source: AsyncIterable<Uint8Array>, folder: string, encoding: Encoding): Promise<Spooled> {
  const path = `${folder}/blob-${process.hrtime.bigint()}`;
  const hash = createHash('sha256');
  let size = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      size += chunk.length;
      done(null, chunk);
    },
  });
  const from = Readable.from(source, { objectMode: false, highWaterMark: 1024 * 1024 });
  const to = createWriteStream(path, { mode: 0o600 });
  const encoder = encoderFor(encoding);
  if (encoder) await pipeline(from, encoder, measure, to);
  else await pipeline(from, measure, to);
  return {
    digest: `sha256:${hash.digest('hex')}`,
    size,
    stream: () => createReadStream(path, { highWaterMark: 256 * 1024 }),
    remove: () => rmSync(path, { force: true }),
  };
}

function encoderFor({ compression, level }: Encoding): Transform | null {
  const chunkSize = 256 * 1024;
  if (compression === 'gzip') return createGzip({ chunkSize, ...(level === undefined ? {} : { level }) });
  if (compression === 'none') return null;
  return createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_compressionLevel]: level ?? 3 } });
}
