/** Timestamps of log records, and the times that --since and --until take. */
import { TspodError } from '../../errors.ts';
import { parseDuration } from '../until.ts';

/**
 * Nanoseconds since the epoch of an RFC 3339 timestamp with up to nine digits behind the second; null when it is none.
 */
export function parseTimestamp(text: string): bigint | null {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.,](\d{1,9})\d*)?(Z|[+-]\d\d:\d\d)$/i.exec(text);
  if (!match) return null;
  const [, seconds = '', fraction = '', zone = ''] = match;
  const milliseconds = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(milliseconds)) return null;
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/**
 * A time as users write it, in nanoseconds since the epoch: RFC 3339, a date with or without a time of day (UTC),
 * seconds since the epoch, or a duration (`10m`): back from now, or with `ahead` from now on. BAD_ARGUMENT for anything
 * else.
 */
export function parseInputTime(text: string, ahead = false, now: number = Date.now()): bigint {
  const stamp = parseTimestamp(text) ?? parseDate(text);
  if (stamp !== null) return stamp;
  const unix = /^(\d+)(?:\.(\d{1,9})\d*)?$/.exec(text);
  if (unix) return BigInt(unix[1] ?? 0) * 1_000_000_000n + BigInt((unix[2] ?? '').padEnd(9, '0'));
  const duration = parseDuration(text);
  if (duration === null) throw new TspodError('BAD_ARGUMENT', 'unable to interpret time value');
  return BigInt(Math.round((ahead ? now + duration : now - duration) * 1000)) * 1000n;
}

/** `2024-05-01`, `2024-05-01+02:00`, `2024-05-01T10:00:00.5`: without a zone it is UTC. */
function parseDate(text: string): bigint | null {
  const match = /^(\d{4}-\d\d-\d\d)(?:(T\d\d:\d\d:\d\d(?:\.\d{1,9})?)|(Z|[+-]\d\d:\d\d))?$/.exec(text);
  if (!match) return null;
  const [, day = '', time = 'T00:00:00', zone = 'Z'] = match;
  return parseTimestamp(`${day}${time}${zone}`);
}

/** With nine digits and `Z` for UTC, as Podman prints them. */
export function printedTimestamp(text: string): string {
  const match = /^(.*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return text;
  const [, seconds = '', fraction = '', zone = ''] = match;
  return `${seconds}.${fraction.slice(0, 9).padEnd(9, '0')}${zone === '+00:00' ? 'Z' : zone}`;
}
