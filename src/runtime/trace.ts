/** TSPOD_TRACE=1: milliseconds of the process's uptime, one line a step, on stderr. */
import { writeSync } from 'node:fs';

const on = process.env['TSPOD_TRACE'] !== undefined;

export function trace(step: string): void {
  if (on) writeSync(2, `trace ${(process.uptime() * 1000).toFixed(1)} ${step}\n`);
}
