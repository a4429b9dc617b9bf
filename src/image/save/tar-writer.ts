/** Writes a ustar archive, one entry after the other, to any sink. */
import type { BlobStream } from './layer-blob.ts';

/** Takes bytes; with `fd`, a thread may write there too while nobody else does. */
export type Sink = ((bytes: Uint8Array) => void) & { fd?: number };

const block = 512;

export class TarWriter {
  readonly #sink: Sink;

  constructor(sink: Sink) {
    this.#sink = sink;
  }

  /** A small file. */
  file(name: string, content: Uint8Array): void {
    this.#sink(header(name, content.length, '0'));
    this.#sink(content);
    this.#pad(content.length);
  }

  folder(name: string): void {
    this.#sink(header(name, 0, '5'));
  }

  /** A file of known size from a stream. @throws Error when the stream has another size */
  async stream(name: string, size: number, source: AsyncIterable<Uint8Array>): Promise<void> {
    this.#sink(header(name, size, '0'));
    let written = 0;
    for await (const chunk of source) {
      written += chunk.length;
      this.#sink(chunk);
    }
    if (written !== size) throw new Error(`"${name}" has ${written} bytes instead of ${size}`);
    this.#pad(size);
  }

  /** A layer of known size. @throws Error when it has another size */
  async blob(name: string, size: number, source: BlobStream): Promise<void> {
    if (this.#sink.fd === undefined) return this.stream(name, size, source);
    this.#sink(header(name, size, '0'));
    await source.writeTo(this.#sink.fd);
    const written = source.result().size;
    if (written !== size) throw new Error(`"${name}" has ${written} bytes instead of ${size}`);
    this.#pad(size);
  }

  end(): void {
    this.#sink(Buffer.alloc(2 * block));
  }

  #pad(size: number): void {
    const rest = size % block;
    if (rest > 0) this.#sink(Buffer.alloc(block - rest));
  }
}

/** Always the same owner and time: the same image gives the same archive. */
function header(name: string, size: number, type: '0' | '5'): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write(name, 0, 100, 'utf8');
  bytes.write(type === '5' ? '0000755\0' : '0000444\0', 100, 'latin1');
  bytes.write('0000000\0', 108, 'latin1');
  bytes.write('0000000\0', 116, 'latin1');
  writeSize(bytes, size);
  bytes.write('00000000000\0', 136, 'latin1');
  bytes.write('        ', 148, 'latin1');
  bytes.write(type, 156, 'latin1');
  bytes.write('ustar\0', 257, 'latin1');
  bytes.write('00', 263, 'latin1');
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

/** Octal up to 8 GiB, base-256 above. */
function writeSize(bytes: Buffer, size: number): void {
  if (size < 8 ** 11) {
    bytes.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    return;
  }
  bytes.writeUInt8(0x80, 124);
  bytes.writeBigUInt64BE(BigInt(size), 128);
}
