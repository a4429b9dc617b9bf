/** Writing to our own stdout and stderr without blocking the event loop. */
import { write } from 'node:fs';
import { whenReady, writable } from '../../system/watch.ts';

const largest = 1 << 20;

/**
 * A queue before one fd. Node's own process.stdout blocks the whole process on a full pipe; then nobody would answer
 * signals or tell the monitor that we are alive.
 */
export class Output {
  readonly #fd: number;
  #waiting: Buffer[] = [];
  #size = 0;
  #writing = false;
  #failed: NodeJS.ErrnoException | null = null;
  #onChange: () => void;

  constructor(fd: number, onChange: () => void) {
    this.#fd = fd;
    this.#onChange = onChange;
  }

  /** Bytes that are not written yet. */
  get size(): number {
    return this.#size;
  }

  /** Why writing ended, for example EPIPE. */
  get failed(): NodeJS.ErrnoException | null {
    return this.#failed;
  }

  /** Takes a copy. */
  push(data: Uint8Array): void {
    if (this.#failed) return;
    this.#waiting.push(Buffer.from(data));
    this.#size += data.length;
    if (!this.#writing) this.#next();
  }

  #next(): void {
    if (this.#waiting.length === 0) return;
    this.#writing = true;
    this.#write(this.#take());
  }

  #take(): Buffer {
    let count = 0;
    let bytes = 0;
    while (count < this.#waiting.length && bytes < largest) bytes += this.#waiting[count++]?.length ?? 0;
    return Buffer.concat(this.#waiting.splice(0, count));
  }

  #write(data: Buffer): void {
    write(this.#fd, data, (error, written) => {
      if (error?.code === 'EAGAIN') return void whenReady(this.#fd, writable).then(() => this.#write(data));
      if (error) return this.#fail(error);
      this.#size -= written;
      if (written < data.length) return this.#write(data.subarray(written));
      this.#writing = false;
      this.#next();
      this.#onChange();
    });
  }

  #fail(error: NodeJS.ErrnoException): void {
    this.#failed = error;
    this.#writing = false;
    this.#waiting = [];
    this.#size = 0;
    this.#onChange();
  }
}
