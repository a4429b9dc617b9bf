import { closeSync, readFileSync } from 'node:fs';
import { readToEnd } from '../../system/pipe.ts';
import { type Handshake, lateNumber } from './handshake.ts';

/** A monitor that has a container. */
export interface StartedMonitor {
  /** The container's process: it runs, or it waits for the runtime's `start`. */
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

/** After the report of the container's pid: the monitor's own stands in its file. */
export function started(containerPid: number, monitorPidFile: string, handshake: Handshake): StartedMonitor {
  const monitorPid = Number.parseInt(readFileSync(monitorPidFile, 'latin1'), 10);
  return new Started(containerPid, monitorPid, handshake.sync);
}

class Started implements StartedMonitor {
  readonly containerPid: number;
  readonly monitorPid: number;
  #fd: number;
  #ended: Promise<number | undefined> | undefined;

  constructor(containerPid: number, monitorPid: number, fd: number) {
    this.containerPid = containerPid;
    this.monitorPid = monitorPid;
    this.#fd = fd;
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
