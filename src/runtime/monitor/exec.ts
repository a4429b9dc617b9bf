import { closeSync, writeSync } from 'node:fs';
import { execArguments } from './arguments.ts';
import { type Handshake, nextNumber, reapStarter, startProcess } from './handshake.ts';
import type { ExecMonitorOptions } from './options.ts';

export type { ExecMonitorOptions } from './options.ts';

export interface ExecMonitor {
  /** Listens now: connect before `go`, and no output is lost. */
  attachSocketPath: string;
  /** Lets the process start. */
  go(): void;
  /** Host pid of the process; after `go`. COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE, RUNTIME_FAILED. */
  readonly pid: Promise<number>;
  /** Its exit code, when it ended; -1 when it is not known. Asking for it keeps the event loop alive. */
  readonly exitCode: Promise<number>;
}

/** Starts a monitor for another process in a running container, which waits for `go`. MONITOR_FAILED. */
export async function startExecMonitor(options: ExecMonitorOptions): Promise<ExecMonitor> {
  const firstFds = Math.max(2, ...options.preserveFds) - 2;
  const handshake = startProcess({
    args: execArguments(options),
    cwd: options.bundle,
    env: options.env,
    runtime: options.runtime,
    monitor: options.monitor,
    firstFds,
    preserved: options.preserveFds,
    session: true,
  });
  try {
    writeSync(handshake.start, '\0'); // we need no cgroup for it: it may fork at once
    await nextNumber(handshake, handshake.attach);
    reapStarter(handshake);
  } catch (error) {
    reapStarter(handshake);
    for (const fd of [handshake.sync, handshake.start]) closeSync(fd);
    throw error;
  } finally {
    for (const fd of [handshake.attach, handshake.errors]) closeSync(fd);
  }
  return new Session(handshake, `${options.bundle}/attach`);
}

class Session implements ExecMonitor {
  readonly attachSocketPath: string;
  readonly #handshake: Handshake;
  #open = true;
  #pid: Promise<number> | undefined;
  #exitCode: Promise<number> | undefined;

  constructor(handshake: Handshake, attachSocketPath: string) {
    this.#handshake = handshake;
    this.attachSocketPath = attachSocketPath;
  }

  go(): void {
    writeSync(this.#handshake.start, '\0');
    closeSync(this.#handshake.start);
  }

  get pid(): Promise<number> {
    this.#pid ??= this.#next(false).catch((error: unknown) => {
      this.#close();
      throw error;
    });
    return this.#pid;
  }

  get exitCode(): Promise<number> {
    this.#exitCode ??= this.pid.then(() => this.#next(true)).finally(() => this.#close());
    return this.#exitCode;
  }

  #close(): void {
    if (this.#open) closeSync(this.#handshake.sync);
    this.#open = false;
  }

  #next(isExitCode: boolean): Promise<number> {
    return nextNumber(this.#handshake, this.#handshake.sync, isExitCode);
  }
}
