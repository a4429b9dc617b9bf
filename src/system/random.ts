/** Random numbers of the kernel. node:crypto has the same, but takes 4 ms to load: a tenth of what `run` may cost. */
import { closeSync, openSync, readSync } from 'node:fs';

/** Like crypto.randomBytes. */
export function randomBytes(count: number): Buffer {
  return randomFillSync(Buffer.allocUnsafe(count));
}

/** Fills `size` bytes of `buffer` from `offset` on and returns it. */
export function randomFillSync(buffer: Buffer, offset = 0, size = buffer.length - offset): Buffer {
  const fd = openSync('/dev/urandom', 'r');
  try {
    for (let done = 0; done < size; ) done += readSync(fd, buffer, offset + done, size - done, null);
  } finally {
    closeSync(fd);
  }
  return buffer;
}

/** A whole number from 0 to `limit` - 1, for limits up to 2^32. */
export function randomInt(limit: number): number {
  return Math.floor((randomBytes(6).readUIntBE(0, 6) / 2 ** 48) * limit);
}
