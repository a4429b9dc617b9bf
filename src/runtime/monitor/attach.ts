/** The client of the monitor's attach socket: our own streams become the container's. */
import { type AttachSocket, type AttachStream, connectAttach } from '../../system/seqpacket.ts';
import { parseDetachKeys } from './detach-keys.ts';
import { forwardInput } from './input.ts';
import { Output } from './output.ts';
import { proxySignals } from './proxy-signals.ts';
import { followWindowSize } from './window-size.ts';

export interface AttachOptions {
  socketPath: string;
  ctlPath: string;
  /** Which of our streams take part. */
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  /** The container has a terminal. */
  tty: boolean;
  /** `ctrl-p,ctrl-q`; '' switches detaching off. */
  detachKeys: string;
  /** Gets the number of each signal that this process receives. */
  sigProxy?: (signal: number) => void;
}

/** How it ended: the container's streams ended, or the user typed the detach keys (or closed our output). */
export type AttachEnd = 'ended' | 'detached';

/** Connects before it returns: what the container prints from then on is not lost. BAD_ARGUMENT for the keys. */
export function attach(options: AttachOptions): Promise<AttachEnd> {
  parseDetachKeys(options.detachKeys);
  const session = new Session(connectAttach(options.socketPath));
  return session.run(options);
}

const high = 1 << 20;
const low = 1 << 18;
const aliveMs = 500;

class Session {
  readonly #socket: AttachSocket;
  readonly #outputs: Partial<Record<AttachStream, Output>> = {};
  #end: (how: AttachEnd) => void = () => undefined;
  #alive: NodeJS.Timeout | undefined;
  #socketEnded = false;

  constructor(socket: AttachSocket) {
    this.#socket = socket;
  }

  async run(options: AttachOptions): Promise<AttachEnd> {
    const ended = new Promise<AttachEnd>((resolve) => {
      this.#end = resolve;
    });
    const stops = this.#open(options);
    try {
      return await ended;
    } finally {
      for (const stop of stops.reverse()) stop();
      clearInterval(this.#alive);
      this.#socket.close();
    }
  }

  #open(options: AttachOptions): (() => void)[] {
    const review = () => this.#review();
    if (options.stdout) this.#outputs[2] = new Output(1, review);
    if (options.stderr) this.#outputs[3] = new Output(2, review);
    const stops: (() => void)[] = [];
    if (options.sigProxy) stops.push(proxySignals(options.sigProxy));
    if (options.tty) stops.push(followWindowSize(options.ctlPath));
    if (options.stdin) {
      const input = forwardInput(this.#socket, options.tty, options.detachKeys, () => this.#end('detached'));
      stops.push(() => input.stop());
    }
    this.#socket.onPacket((stream, data) => this.#receive(stream, data));
    void this.#socket.closed.then(() => {
      this.#socketEnded = true;
      this.#review();
    });
    return stops;
  }

  #receive(stream: AttachStream, data: Uint8Array): void {
    this.#outputs[stream]?.push(data);
    if (this.#waiting() < high && this.#alive === undefined) return;
    this.#socket.pause();
    // The monitor drops a client that reads nothing for seconds. Whoever waits for a slow pager takes a packet now and
    // then: the container waits too, and nothing is lost.
    this.#alive ??= setInterval(() => this.#socket.resume(), aliveMs);
  }

  #review(): void {
    const waiting = this.#waiting();
    if (Object.values(this.#outputs).some((output) => output.failed)) this.#end('detached');
    else if (this.#socketEnded && waiting === 0) this.#end('ended');
    if (this.#alive === undefined || waiting > low) return;
    clearInterval(this.#alive);
    this.#alive = undefined;
    this.#socket.resume();
  }

  #waiting(): number {
    return Object.values(this.#outputs).reduce((sum, output) => sum + output.size, 0);
  }
}
