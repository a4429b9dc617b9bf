import { closeSync, writeSync } from 'node:fs';
import { type Handshake, nextNumber, reapStarter, startProcess } from './handshake.ts';
import type { MonitorOptions } from './options.ts';
import { processOptions } from './start.ts';
import { type StartedMonitor, started } from './started.ts';

/**
 * A monitor that gets ready while its caller still writes the bundle, and then has the runtime run the container: one
 * call of the runtime where create and start are two.
 */
export interface LaunchedMonitor {
  /** Resolves when the attach socket listens: who connects now misses nothing. MONITOR_FAILED. */
  readonly attachable: Promise<void>;
  /** Errors as `startMonitor`; then abandon it. */
  run(): Promise<StartedMonitor>;
  /** Nothing will run: the monitor ends. */
  abandon(): void;
}

/** Only for tspod's own monitor, and with streams that it copies. MISSING_PROGRAM. */
export function launchMonitor(options: MonitorOptions): LaunchedMonitor {
  const handshake = startProcess(processOptions({ ...options, runAtOnce: true }, true));
  writeSync(handshake.start, '\0'); // we need no cgroup for it: it may fork at once
  return new Launched(handshake, options.monitorPidFile);
}

class Launched implements LaunchedMonitor {
  readonly attachable: Promise<void>;
  readonly #handshake: Handshake;
  readonly #monitorPidFile: string;

  constructor(handshake: Handshake, monitorPidFile: string) {
    this.#handshake = handshake;
    this.#monitorPidFile = monitorPidFile;
    this.attachable = this.#untilAttachable();
    // Whoever abandons it does not ask.
    this.attachable.catch(() => undefined);
  }

  async run(): Promise<StartedMonitor> {
    const { start, sync } = this.#handshake;
    writeSync(start, '\0');
    const pid = await nextNumber(this.#handshake, sync);
    const monitor = started(pid, this.#monitorPidFile, this.#handshake);
    for (const fd of [start, this.#handshake.errors]) closeSync(fd);
    return monitor;
  }

  abandon(): void {
    const { start, sync, errors } = this.#handshake;
    for (const fd of [start, sync, errors]) closeSync(fd);
  }

  async #untilAttachable(): Promise<void> {
    try {
      await nextNumber(this.#handshake, this.#handshake.attach);
    } finally {
      reapStarter(this.#handshake);
      closeSync(this.#handshake.attach);
    }
  }
}
