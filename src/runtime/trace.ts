/** TSPOD_TRACE=1: milliseconds since the process started, one line a step, on stderr. */
import { writeSync } from 'node:fs';

const on = process.env['TSPOD_TRACE'] !== undefined;

export function trace(step: string): void {
  if (on) writeSync(2, `trace ${performance.now().toFixed(1)} ${step}\n`);
}
