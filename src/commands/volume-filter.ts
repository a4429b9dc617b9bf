/** `--filter` of volume ls and volume prune. */
import { TspodError } from '../errors.ts';
import type { Container } from '../runtime/container.ts';
import type { VolumeRecord } from '../storage/volume-store.ts';
import { usersOf } from './volume-report.ts';

type Predicate = (volume: VolumeRecord) => boolean;

export interface VolumeFilterContext {
  containers: readonly Container[];
  find(name: string): VolumeRecord;
}

/** Values of one key are alternatives (labels: all must fit); different keys must all fit. @throws BAD_ARGUMENT */
export function volumeFilter(filters: readonly string[], context: VolumeFilterContext): Predicate {
  const byKey = new Map<string, string[]>();
  for (const filter of filters) {
    const at = filter.indexOf('=');
    if (at < 0)
      throw new TspodError('BAD_ARGUMENT', `invalid argument "${filter}" must be in the form of filter=value`);
    const key = filter.slice(0, at);
    byKey.set(key, [...(byKey.get(key) ?? []), filter.slice(at + 1)]);
  }
  const predicates = [...byKey].map(([key, values]) => predicateOf(key, values, context));
  return (volume) => predicates.every((predicate) => predicate(volume));
}

function predicateOf(key: string, values: string[], context: VolumeFilterContext): Predicate {
  switch (key) {
    case 'name':
      return ({ name }) => values.some((value) => pattern(value).test(name));
    case 'driver':
      return ({ driver }) => values.includes(driver);
    case 'scope':
      return () => values.includes('local');
    case 'label':
      return ({ labels }) => values.every((value) => hasPair(labels, value));
    case 'label!':
      return ({ labels }) => !values.every((value) => hasPair(labels, value));
    case 'opt':
      return ({ options }) => values.some((value) => hasPair(options, value));
    case 'until':
      return before(values);
    case 'after':
    case 'since':
      return after(values, context);
    case 'dangling':
      return dangling(values, context);
    default:
      throw new TspodError('BAD_ARGUMENT', `"${key}" is an invalid volume filter`);
  }
}

function hasPair(pairs: Record<string, string>, wanted: string): boolean {
  const at = wanted.indexOf('=');
  const [key, value] = at < 0 ? [wanted, undefined] : [wanted.slice(0, at), wanted.slice(at + 1)];
  if (key.endsWith('*')) return Object.keys(pairs).some((name) => name.startsWith(key.slice(0, -1)));
  return key in pairs && (value === undefined || value === '' || pairs[key] === value);
}

function pattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (cause) {
    throw new TspodError('BAD_ARGUMENT', `"${text}" is not a valid regular expression`, { cause });
  }
}

function before(values: string[]): Predicate {
  if (values.length !== 1) throw new TspodError('BAD_ARGUMENT', 'specify exactly one timestamp for until');
  const until = moment(values[0] ?? '');
  return ({ createdAt }) => Date.parse(createdAt) < until;
}

function after(values: string[], context: VolumeFilterContext): Predicate {
  const times = values.map((name) => Date.parse(context.find(name).createdAt));
  return ({ createdAt }) => times.every((time) => Date.parse(createdAt) > time);
}

function dangling(values: string[], { containers }: VolumeFilterContext): Predicate {
  for (const value of values) {
    if (/^(true|1|false|0)$/i.test(value)) continue;
    const reason = `"${value}" is not a valid value for the "dangling" filter - must be true or false`;
    throw new TspodError('BAD_ARGUMENT', reason);
  }
  return ({ name }) => {
    const isDangling = usersOf(name, containers).length === 0;
    return values.some((value) => /^(true|1)$/i.test(value) === isDangling);
  };
}

/** Milliseconds: a duration before now (`10m`, `1h30m`), seconds since 1970, or a date. */
function moment(text: string): number {
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
  if (/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) {
    const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
    return Date.now() - parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ''] ?? 0), 0);
  }
  const time = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (Number.isNaN(time)) throw new TspodError('BAD_ARGUMENT', `failed to parse "${text}" as a time or duration`);
  return time;
}
