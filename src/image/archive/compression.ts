/** Compressions by their magic numbers. */
import type { Transform } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { TspodError } from '../../errors.ts';

/**
 * The decoder for a stream that starts with these bytes; null for one that is not compressed.
 *
 * @throws TspodError UNSUPPORTED for bzip2 and xz
 */
export function decoderFor(head: Uint8Array): (() => Transform) | null {
  const magic = Buffer.from(head).toString('hex');
  if (magic.startsWith('1f8b')) return createGunzip;
  if (magic.startsWith('28b52ffd')) return createZstdDecompress;
  if (magic.startsWith('425a68'))
    throw new TspodError('UNSUPPORTED', 'archives compressed with bzip2 are not supported');
  if (magic.startsWith('fd377a585a00'))
    throw new TspodError('UNSUPPORTED', 'archives compressed with xz are not supported');
  return null;
}
