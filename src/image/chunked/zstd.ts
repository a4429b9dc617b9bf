/** zstd streams of many frames, one by one: Node's decoder ends after the first. */
import { zstdDecompressSync } from 'node:zlib';

const frameMagic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/**
 * The content of each frame.
 *
 * @param limit bytes of all together
 * @throws Error when the bytes are no whole frames, or hold more
 */
export function* decodeFrames(bytes: Buffer, limit: number): Generator<Buffer> {
  let left = limit;
  for (let at = 0; at < bytes.length; ) {
    const end = at + frameLength(bytes, at);
    if (end > bytes.length) throw new Error('a frame is cut off');
    if (bytes.readUInt32LE(at) === frameMagic) {
      const plain = zstdDecompressSync(bytes.subarray(at, end), { maxOutputLength: Math.max(left, 1) });
      left -= plain.length;
      if (left < 0) throw new Error(`the frames hold more than ${limit} bytes`);
      yield plain;
    }
    at = end;
  }
}

/** Bytes of the frame that starts at `at` (RFC 8878, 3.1.1). @throws RangeError when it is cut off */
function frameLength(bytes: Buffer, at: number): number {
  const magic = bytes.readUInt32LE(at);
  if ((magic & 0xfffffff0) >>> 0 === skippableMagic) return 8 + bytes.readUInt32LE(at + 4);
  if (magic !== frameMagic) throw new Error('no zstd frame');
  const flags = bytes.readUInt8(at + 4);
  const isSingle = (flags & 0x20) !== 0;
  const contentSize = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0;
  let position = at + 5 + (isSingle ? 0 : 1) + dictionary + contentSize;
  for (let last = false; !last; ) {
    const header = bytes.readUIntLE(position, 3);
    last = (header & 1) === 1;
    const isRun = ((header >> 1) & 3) === 1;
    position += 3 + (isRun ? 1 : header >> 3);
  }
  return position + ((flags & 4) !== 0 ? 4 : 0) - at;
}
