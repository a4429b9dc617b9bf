/** Sizes and durations as the Go libraries under Podman read them. */
import { badArgument } from './bad-argument.ts';

const powers: Record<string, number> = { k: 1, m: 2, g: 3, t: 4, p: 5 };

/** `64m`, `1.5g`, `100`, `64MiB`: bytes with units of 1024. @throws BAD_ARGUMENT, prefixed with `what` */
export function ramInBytes(text: string, what: string): number {
  return parseSize(text, 1024, what);
}

/** `10mb`: bytes with units of 1000. */
export function humanSize(text: string, what: string): number {
  return parseSize(text, 1000, what);
}

function parseSize(text: string, base: number, what: string): number {
  const [, number = '', suffix = ''] = /^([\d.]*\d[\d.]*) ?([a-z]*)$/i.exec(text) ?? [];
  const value = Number(number);
  if (number === '' || Number.isNaN(value)) badArgument(`${what}: invalid size: '${text}'`);
  const unit = suffix.toLowerCase();
  if (unit === '' || unit === 'b') return Math.trunc(value);
  const power = powers[unit.charAt(0)];
  if (!power || !/^.(b|ib)?$/.test(unit)) badArgument(`${what}: invalid suffix: '${unit}'`);
  return Math.trunc(value * base ** power);
}

const nanoseconds: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/** `1m30s`, `-2h`, `0`: nanoseconds. @throws BAD_ARGUMENT, prefixed with `what` */
export function goDuration(text: string, what: string): number {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/.exec(text) ?? [];
  if (rest === '0') return 0;
  const parts = [...rest.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g)];
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== rest) {
    const reason = /^\d+$/.test(rest) ? 'missing unit in duration' : 'invalid duration';
    badArgument(`${what}: time: ${reason} ${JSON.stringify(text)}`);
  }
  const total = parts.reduce((sum, [, value, unit]) => sum + Number(value) * (nanoseconds[unit ?? ''] ?? 0), 0);
  return Math.round(sign === '-' ? -total : total);
}
