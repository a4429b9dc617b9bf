/** Names and numbers of signals, as `kill -s`, --stop-signal and their messages have them. */
import { constants } from 'node:os';
import { TspodError } from '../errors.ts';

const first = 1;
const last = 64;
const realTime = { RTMIN: 34, RTMAX: 64 };

/**
 * `TERM`, `SIGTERM`, `sigterm`, `15`, each also with a leading dash; `RTMIN+3`, `RTMAX-1`.
 * @throws BAD_ARGUMENT with Podman's words
 */
export function parseSignal(text: string): number {
  const bare = text.startsWith('-') ? text.slice(1) : text;
  if (/^\d+$/.test(bare)) return inRange(Number(bare), bare);
  const name = bare.toUpperCase().replace(/^SIG/, '');
  const number = realTimeSignal(name) ?? constants.signals[`SIG${name}` as NodeJS.Signals];
  if (number === undefined || name === '') throw invalid(bare);
  return number;
}

/** `SIGTERM` for 15; `(40)` for a signal without a name. */
export function signalName(signal: number): string {
  const name = Object.entries(constants.signals).find(([, number]) => number === signal)?.[0];
  return name ?? `(${signal})`;
}

function inRange(number: number, text: string): number {
  if (number === 0) throw invalid(text);
  if (number < first || number > last) throw new TspodError('BAD_ARGUMENT', 'valid signals are 1 through 64');
  return number;
}

function realTimeSignal(name: string): number | undefined {
  const match = /^(RTMIN|RTMAX)(?:([+-])(\d+))?$/.exec(name);
  const base = match?.[1] as keyof typeof realTime | undefined;
  if (!match || !base) return undefined;
  const number = realTime[base] + Number(`${match[2] ?? '+'}${match[3] ?? 0}`);
  return number >= realTime.RTMIN && number <= realTime.RTMAX ? number : undefined;
}

function invalid(text: string): TspodError {
  return new TspodError('BAD_ARGUMENT', `invalid signal: ${text}`);
}
