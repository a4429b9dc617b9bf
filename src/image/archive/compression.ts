/** Compressions by their magic numbers. */
import { type Duplex, pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { messageOf, TspodError } from '../../errors.ts';
import { throughProgram } from './program-decoder.ts';

/**
 * Bytes of a source as they come out of a coder. What fails first is thrown, and ends both.
 *
 * @throws TspodError CORRUPT_BLOB where the coder fails
 */
export async function* through(source: AsyncIterable<Uint8Array>, coder: Duplex): AsyncGenerator<Uint8Array> {
  const from = Readable.from(source, { objectMode: false, highWaterMark: 1024 * 1024 });
  // The callback hears of failures too; they are thrown by the reading below.
  pipeline(from, coder, () => {});
  try {
    yield* coder as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (error instanceof TspodError) throw error;
    throw new TspodError('CORRUPT_BLOB', messageOf(error), { cause: error });
  }
}

/** Plain bytes of compressed ones. */
export type Decoder = (source: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>;

/** The decoder for a stream that starts with these bytes; null for one that is not compressed. */
export function decoderFor(head: Uint8Array): Decoder | null {
  const magic = Buffer.from(head).toString('hex');
  if (magic.startsWith('1f8b')) return (source) => through(source, createGunzip());
  if (magic.startsWith('28b52ffd')) return (source) => through(source, createZstdDecompress());
  if (magic.startsWith('425a68')) return (source) => throughProgram('bzip2', source);
  if (magic.startsWith('fd377a585a00')) return (source) => throughProgram('xz', source);
  return null;
}
