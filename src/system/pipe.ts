/** Pipes, and reading them without a thread of libuv's pool. */
import { check, native } from './native.ts';
import { readable, whenReady } from './watch.ts';

/** A pipe, both ends close-on-exec. */
export function makePipe(): [readFd: number, writeFd: number] {
  return check(native().pipe(), 'pipe') as [number, number];
}

/** A pair of connected unix sockets, both close-on-exec. SEQPACKET keeps the borders of messages. */
export function makeSocketPair(type: 'stream' | 'seqpacket'): [number, number] {
  return check(native().socketPair(type), 'socketpair') as [number, number];
}

/**
 * Reads up to the next newline (not returned), or null at the end. Reads packet by packet: meant for SEQPACKET
 * sockets and pipes on which one write is one line; bytes after the newline in the same packet are dropped.
 */
export async function readLine(fd: number): Promise<string | null> {
  const buffer = Buffer.alloc(65536);
  const parts: Buffer[] = [];
  for (;;) {
    const n = await readSome(fd, buffer);
    if (n === 0) return parts.length === 0 ? null : Buffer.concat(parts).toString();
    const end = buffer.subarray(0, n).indexOf(0x0a);
    // A character may be cut by the border of two packets: only the whole is text.
    parts.push(Buffer.from(buffer.subarray(0, end < 0 ? n : end)));
    if (end >= 0) return Buffer.concat(parts).toString();
  }
}

/** Reads until the other side has closed. The fd stays open. */
export async function readToEnd(fd: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (;;) {
    const buffer = Buffer.allocUnsafe(65536);
    const n = await readSome(fd, buffer);
    if (n === 0) return Buffer.concat(parts);
    parts.push(buffer.subarray(0, n));
  }
}

/** Bytes read into the buffer, 0 at the end. Waits in the event loop. */
export async function readSome(fd: number, buffer: Uint8Array): Promise<number> {
  for (;;) {
    await whenReady(fd, readable);
    const n = native().read(fd, buffer);
    if (n === -104 /* ECONNRESET: the other side died with unread data */) return 0;
    if (n !== -11 /* EAGAIN */) return check(n, 'read');
  }
}
