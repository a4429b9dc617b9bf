/** `until=`: a duration back from now (`10m`, `1h30m`), seconds since the epoch, or a date. */
import { TspodError } from '../errors.ts';

const units: Record<string, number> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds since the epoch. BAD_ARGUMENT for more than one value or for what is no time. */
export function untilTime(values: readonly string[], now: number = Date.now()): number {
  if (values.length !== 1) throw new TspodError('BAD_ARGUMENT', 'specify exactly one timestamp for until');
  const value = values[0] ?? '';
  const duration = parseDuration(value);
  if (duration !== null) return now - duration;
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  if (Number.isNaN(date)) {
    throw new TspodError('BAD_ARGUMENT', `parsing time "${value}": cannot parse "${value}" as a time or a duration`);
  }
  return date;
}

/** A duration as Go writes it, in milliseconds, or null. */
export function parseDuration(text: string): number | null {
  if (!/^([+-]?(\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+$/.test(text)) return text === '0' ? 0 : null;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)) {
    total += Number(amount) * (units[unit ?? 's'] ?? 0);
  }
  return text.startsWith('-') ? -total : total;
}
