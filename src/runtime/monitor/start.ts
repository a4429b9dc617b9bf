import { closeSync, readFileSync } from 'node:fs';
import { readToEnd } from '../../system/pipe.ts';
import { createArguments } from './arguments.ts';
import { type Handshake, lateNumber, nextNumber, reapStarter, startProcess } from './handshake.ts';
import type { MonitorOptions } from './options.ts';

export type { MonitorOptions } from './options.ts';

export interface StartedMonitor {
  /** The container's process, which waits for the runtime's `start`. */
  containerPid: number;
  monitorPid: number;
  /**
   * The container ended and its exit files are written; if they could not be, the exit code is here. Asking for it keeps
   * the event loop alive.
   */
  readonly ended: Promise<number | undefined>;
  /** Stops listening: for callers that do not wait for the end. */
  release(): void;
}

/**
 * Starts a monitor, which has the runtime create the container. COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE,
 * RUNTIME_FAILED with the runtime's words; MONITOR_FAILED, MISSING_PROGRAM.
 */
export async function startMonitor(options: MonitorOptions): Promise<StartedMonitor> {
  const handshake = startProcess({
    args: createArguments(options),
    cwd: options.bundle,
    env: options.env,
    runtime: options.runtime,
    monitor: options.monitor,
    firstFds: options.preserveFds,
    preserved: options.preserveFdList,
    extraFds: options.extraFds,
    session: false,
    passthrough: options.log.driver.startsWith('passthrough'),
  });
  try {
    const containerPid = await nextNumber(handshake, handshake.sync);
    reapStarter(handshake);
    const monitorPid = Number.parseInt(readFileSync(options.monitorPidFile, 'latin1'), 10);
    return new Started(containerPid, monitorPid, handshake);
  } catch (error) {
    reapStarter(handshake);
    closeSync(handshake.sync);
    throw error;
  } finally {
    closeSync(handshake.errors);
  }
}

class Started implements StartedMonitor {
  readonly containerPid: number;
  readonly monitorPid: number;
  #fd: number;
  #ended: Promise<number | undefined> | undefined;

  constructor(containerPid: number, monitorPid: number, handshake: Handshake) {
    this.containerPid = containerPid;
    this.monitorPid = monitorPid;
    this.#fd = handshake.sync;
  }

  get ended(): Promise<number | undefined> {
    this.#ended ??= this.#untilEnd();
    return this.#ended;
  }

  release(): void {
    if (this.#ended === undefined && this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  async #untilEnd(): Promise<number | undefined> {
    if (this.#fd < 0) return undefined;
    const report = await readToEnd(this.#fd);
    closeSync(this.#fd);
    this.#fd = -1;
    return lateNumber(report.toString());
  }
}
