/** A stream compressed on the way, with the digest and the size of what comes out. */
import { createHash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { Transform } from 'node:stream';
import { constants, createGzip, createZstdCompress } from 'node:zlib';
import { through } from '../archive/compression.ts';
import type { BlobEncoding, BlobFacts, BlobStream } from '../save/layer-blob.ts';

/** Compressions that a stream of any origin can get. */
export type Compression = Exclude<BlobEncoding['compression'], 'zstd:chunked'>;

/** @param level 1 to 9 for gzip, 1 to 22 for zstd; default: the library's */
export function encoded(source: AsyncIterable<Uint8Array>, compression: Compression, level?: number): BlobStream {
  const hash = createHash('sha256');
  let facts: BlobFacts | undefined;
  async function* chunks(): AsyncGenerator<Uint8Array> {
    const encoder = encoderFor(compression, level);
    let size = 0;
    for await (const chunk of encoder ? through(source, encoder) : source) {
      hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
    facts = { digest: `sha256:${hash.digest('hex')}`, size };
  }
  return {
    [Symbol.asyncIterator]: chunks,
    async writeTo(fd) {
      for await (const chunk of chunks()) {
        for (let rest = chunk; rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
      }
    },
    result() {
      if (!facts) throw new Error('the stream was not read');
      return facts;
    },
  };
}

function encoderFor(compression: Compression, level: number | undefined): Transform | null {
  const chunkSize = 256 * 1024;
  if (compression === 'gzip') return createGzip({ chunkSize, ...(level === undefined ? {} : { level }) });
  if (compression === 'none') return null;
  return createZstdCompress({ chunkSize, params: { [constants.ZSTD_c_compressionLevel]: level ?? 3 } });
}
