/** Compresses a layer into a temporary file: its digest must be known before it is sent anywhere. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, rmSync, statSync } from 'node:fs';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Digest } from '../../oci/digest.ts';

export interface BlobFile {
  digest: Digest;
  size: number;
  path: string;
  stream(): AsyncIterable<Uint8Array>;
  remove(): void;
}

/**
 * @param folder exists, and is the caller's to delete
 * @param plain keep it uncompressed
 */
export async function blobFile(source: AsyncIterable<Uint8Array>, folder: string, plain = false): Promise<BlobFile> {
  const path = `${folder}/blob-${process.hrtime.bigint()}`;
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  const from = Readable.from(source, { objectMode: false, highWaterMark: 1024 * 1024 });
  const to = createWriteStream(path, { mode: 0o600 });
  if (plain) await pipeline(from, hashing, to);
  else await pipeline(from, createGzip({ chunkSize: 256 * 1024 }), hashing, to);
  return {
    digest: `sha256:${hash.digest('hex')}`,
    size: statSync(path).size,
    path,
    stream: () => createReadStream(path, { highWaterMark: 256 * 1024 }),
    remove: () => rmSync(path, { force: true }),
  };
}
