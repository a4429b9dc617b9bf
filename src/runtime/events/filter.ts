/** Which events `events --filter` shows: one of the values of each key must fit. */
import { TspodError } from '../../errors.ts';
import type { EventType, LoggedEvent } from '../../storage/event-log.ts';
import { parseInputTime, parseTimestamp } from '../logs/timestamp.ts';

export type EventFilter = (event: LoggedEvent) => boolean;

export interface EventWishes {
  /** `KEY=VALUE` each. */
  filters: readonly string[];
  /** A time or a duration; undefined: no bound. */
  since?: string | undefined;
  until?: string | undefined;
}

/** BAD_ARGUMENT in Podman's words. */
export function eventFilter({ filters, since, until }: EventWishes): EventFilter {
  const byKey = new Map<string, EventFilter[]>();
  for (const text of filters) {
    const [key = '', value] = text.split(/=(.*)/s);
    const make = Object.hasOwn(makers, key.toLowerCase()) ? makers[key.toLowerCase()] : undefined;
    if (value === undefined || !make) throw failed(`${value === undefined ? text : key} is an invalid filter`);
    byKey.set(key, [...(byKey.get(key) ?? []), make(value)]);
  }
  const bounds = [after(since), before(until)];
  const all = [...byKey.values()];
  return (event) => bounds.every((fits) => fits(event)) && all.every((some) => some.some((fits) => fits(event)));
}

const makers: Record<string, (value: string) => EventFilter> = {
  container: named('container'),
  image: named('image'),
  pod: named('pod'),
  volume: (value) => (event) => event.Type === 'volume' && (event.Name ?? '').startsWith(value),
  type: (value) => (event) => event.Type === value,
  event: status,
  status,
  label: (value) => {
    const [key = '', wanted] = value.split(/=(.*)/s);
    return ({ Attributes }) =>
      Attributes !== null && Object.hasOwn(Attributes, key) && (wanted === undefined || Attributes[key] === wanted);
  },
};

function named(type: EventType): (value: string) => EventFilter {
  return (value) => (event) => event.Type === type && (event.Name === value || (event.ID ?? '').startsWith(value));
}

/** Docker says `die`. */
function status(value: string): EventFilter {
  const wanted = value === 'die' ? 'died' : value;
  return (event) => event.Status === wanted;
}

function after(since: string | undefined): EventFilter {
  if (!since) return () => true;
  const bound = timeOf('since', since, false);
  return ({ Time }) => (parseTimestamp(Time) ?? 0n) > bound;
}

function before(until: string | undefined): EventFilter {
  if (!until) return () => true;
  const bound = timeOf('until', until, true);
  return ({ Time }) => (parseTimestamp(Time) ?? 0n) < bound;
}

/** Nanoseconds since the epoch; a duration counts back for `since`, forward for `until`. */
export function timeOf(name: string, text: string, ahead: boolean): bigint {
  try {
    return parseInputTime(text, ahead);
  } catch (error) {
    throw failed(`unable to convert ${name} time of ${text}: ${error instanceof Error ? error.message : error}`);
  }
}

function failed(words: string): TspodError {
  return new TspodError('BAD_ARGUMENT', `failed to parse event filters: ${words}`);
}
