/** The client side of conmon's attach socket: packets of one type byte and up to 8192 bytes. */
import { closeSync } from 'node:fs';
import { check, native } from './native.ts';
import { readable, type Watch, watch, writable } from './watch.ts';

/** 2 is stdout, 3 stderr; 1 is reserved for stdin. */
export type AttachStream = 1 | 2 | 3;

export interface AttachSocket {
  /** Starts to read. The data is valid only during the call: copy it to keep it. */
  onPacket(callback: (stream: AttachStream, data: Buffer) => void): void;
  /** Resolves when the kernel has taken all bytes. EPIPE when the other side is gone. */
  write(data: Uint8Array): Promise<void>;
  shutdownWrite(): void;
  /** Stops and continues reading: the container then waits, and nothing is buffered here. */
  pause(): void;
  resume(): void;
  /** Resolves at the end of the stream. */
  closed: Promise<void>;
  close(): void;
}

const packetSize = 8193;
const sendSize = 32768;

/** Connects to the socket at a path of any length. Nothing is read before `onPacket`. */
export function connectAttach(path: string): AttachSocket {
  return new Connection(check(native().connectSeqpacket(path), 'connect', path));
}

class Connection implements AttachSocket {
  readonly closed: Promise<void>;
  readonly #fd: number;
  readonly #watch: Watch;
  readonly #buffer = Buffer.alloc(packetSize);
  #onPacket: ((stream: AttachStream, data: Buffer) => void) | undefined;
  #reading = false;
  #open = true;
  #queue: { data: Uint8Array; offset: number; resolve: () => void; reject: (error: Error) => void }[] = [];
  #end: () => void = () => {};

  constructor(fd: number) {
    this.#fd = fd;
    this.#watch = watch(fd, (events) => this.#ready(events));
    this.closed = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  onPacket(callback: (stream: AttachStream, data: Buffer) => void): void {
    this.#onPacket = callback;
    this.resume();
  }

  pause(): void {
    this.#reading = false;
    this.#arm();
  }

  resume(): void {
    this.#reading = true;
    this.#arm();
  }

  write(data: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ data, offset: 0, resolve, reject });
      if (this.#queue.length === 1) this.#flush();
      this.#arm();
    });
  }

  shutdownWrite(): void {
    if (this.#open) native().shutdownWrite(this.#fd);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#watch.close();
    closeSync(this.#fd);
    for (const { reject } of this.#queue.splice(0)) reject(new Error('attach socket closed'));
    this.#end();
  }

  #arm(): void {
    if (!this.#open) return;
    this.#watch.events((this.#reading ? readable : 0) | (this.#queue.length > 0 ? writable : 0));
  }

  #ready(events: number): void {
    if (events < 0 || events & readable) this.#receive();
    if (this.#open && events > 0 && events & writable) this.#flush();
    this.#arm();
  }

  // A bounded number of packets a turn: timers and signals of the process must get theirs.
  #receive(): void {
    for (let i = 0; i < 64 && this.#open && this.#reading; i++) {
      const n = native().receive(this.#fd, this.#buffer);
      if (n === -11 /* EAGAIN */) return;
      if (n <= 0) this.close();
      else this.#onPacket?.(this.#buffer[0] as AttachStream, this.#buffer.subarray(1, n));
    }
  }

  #flush(): void {
    for (let first = this.#queue[0]; first !== undefined; first = this.#queue[0]) {
      const length = Math.min(sendSize, first.data.length - first.offset);
      const n = length === 0 ? 0 : native().send(this.#fd, first.data, first.offset, length);
      if (n === -11 /* EAGAIN */) return;
      first.offset += Math.max(n, 0);
      if (n >= 0 && first.offset < first.data.length) continue;
      this.#queue.shift();
      if (n >= 0) first.resolve();
      else this.#fail(first.reject, n);
    }
  }

  #fail(reject: (error: Error) => void, errno: number): void {
    try {
      check(errno, 'send');
    } catch (error) {
      reject(error as Error);
    }
  }
}
