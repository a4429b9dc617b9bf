/** Durations of configuration files and flags. */
import { TspodError } from '../errors.ts';

const units: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration in Go's notation: `1m30s`, `200ms`. @throws TspodError BAD_ARGUMENT */
export function parseDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(text)) {
    const reason = /^[\d.]+$/.test(text) ? 'missing unit in duration' : 'invalid duration';
    throw new TspodError('BAD_ARGUMENT', `time: ${reason} ${JSON.stringify(text)}`);
  }
  let milliseconds = 0;
  for (const [, count, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)) {
    milliseconds += Number(count) * (units[unit ?? ''] ?? 0);
  }
  return milliseconds;
}
