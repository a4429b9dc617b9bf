import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrno } from '../../errors.ts';

/** Milliseconds. */
const patience = 5000;

/** Writes a line to the monitor's `ctl`. A monitor that is gone is no error. */
export async function tellMonitor(ctlPath: string, line: string): Promise<void> {
  const deadline = Date.now() + patience;
  // ENXIO: the fifo is there, its reader not yet.
  while (!tryWrite(ctlPath, `${line}\n`) && Date.now() < deadline) await sleep(10);
}

function tryWrite(path: string, line: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (hasErrno(error, 'ENXIO')) return false;
    if (hasErrno(error, 'ENOENT')) return true;
    throw error;
  }
  try {
    writeSync(fd, line);
  } finally {
    closeSync(fd);
  }
  return true;
}
