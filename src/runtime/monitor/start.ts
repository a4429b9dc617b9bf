import { closeSync } from 'node:fs';
import { createArguments } from './arguments.ts';
import { type HandshakeOptions, nextNumber, reapStarter, startProcess } from './handshake.ts';
import type { MonitorOptions } from './options.ts';
import { type StartedMonitor, started } from './started.ts';

export type { MonitorOptions } from './options.ts';

export type { StartedMonitor } from './started.ts';

/**
 * Starts a monitor, which has the runtime create the container. COMMAND_NOT_FOUND, COMMAND_NOT_EXECUTABLE,
 * RUNTIME_FAILED with the runtime's words; MONITOR_FAILED, MISSING_PROGRAM.
 */
export async function startMonitor(options: MonitorOptions): Promise<StartedMonitor> {
  const handshake = startProcess(processOptions(options, false));
  try {
    const containerPid = await nextNumber(handshake, handshake.sync);
    reapStarter(handshake);
    return started(containerPid, options.monitorPidFile, handshake);
  } catch (error) {
    reapStarter(handshake);
    closeSync(handshake.sync);
    throw error;
  } finally {
    closeSync(handshake.errors);
  }
}

/** `session`: with the two pipes by which a client attaches before anything runs. */
export function processOptions(options: MonitorOptions, session: boolean): HandshakeOptions {
  return {
    args: createArguments(options),
    cwd: options.bundle,
    env: options.env,
    runtime: options.runtime,
    monitor: options.monitor,
    firstFds: options.preserveFds,
    preserved: options.preserveFdList,
    extraFds: options.extraFds,
    session,
    passthrough: options.log.driver.startsWith('passthrough'),
  };
}
