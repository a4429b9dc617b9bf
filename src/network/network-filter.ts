/** `--filter` of `network ls` and `network prune`. */
import { TspodError } from '../errors.ts';
import type { Network } from './network.ts';

export interface FilterHelp {
  /** Names of networks that some container wants, and the default one. */
  used: ReadonlySet<string>;
  /** Milliseconds since the epoch for the value of `until`. */
  until(values: string[]): number;
}

type Test = (network: Network) => boolean;

/** All keys must fit; of several values of a key, one (of labels, all). BAD_ARGUMENT in Podman's words. */
export function networkFilter(filters: readonly string[], help: FilterHelp): Test {
  return combine(filters, help, { ...common, ...listing });
}

/** The keys that prune knows. */
export function networkPruneFilter(filters: readonly string[], help: FilterHelp): Test {
  return combine(filters, help, common);
}

type MakeTest = (values: string[], help: FilterHelp) => Test;

function combine(filters: readonly string[], help: FilterHelp, known: Record<string, MakeTest>): Test {
  const groups = Map.groupBy(filters.map(split), ([key]) => key);
  const tests = [...groups].map(([key, pairs]) => {
    const make = known[key.toLowerCase()];
    if (!make) throw new TspodError('BAD_ARGUMENT', `invalid filter "${key}"`);
    return make(
      pairs.map(([, value]) => value),
      help,
    );
  });
  return (network) => tests.every((test) => test(network));
}

function split(filter: string): [key: string, value: string] {
  const at = filter.indexOf('=');
  if (at < 0) throw new TspodError('BAD_ARGUMENT', `invalid filter "${filter}"`);
  return [filter.slice(0, at), filter.slice(at + 1)];
}

const common: Record<string, MakeTest> = {
  label: (values) => (network) => hasLabels(network, values),
  'label!': (values) => (network) => !hasLabels(network, values),
  until: (values, help) => {
    const bound = help.until(values);
    return (network) => Date.parse(network.created) < bound;
  },
};

const listing: Record<string, MakeTest> = {
  name: (values) => (network) => values.some((value) => matches(network.name, value)),
  driver: (values) => (network) => values.includes(network.driver),
  id: (values) => (network) =>
    values.some((value) => (/^[0-9a-f]+$/i.test(value) ? network.id.startsWith(value) : matches(network.id, value))),
  dangling: (values, help) => {
    const [value = '', ...more] = values;
    if (more.length > 0) throw new TspodError('BAD_ARGUMENT', 'got more than one value for filter key "dangling"');
    if (!/^(true|false|1|0|t|f)$/i.test(value)) {
      throw new TspodError('BAD_ARGUMENT', `invalid dangling filter value "${value}"`);
    }
    return (network) => /^(true|1|t)$/i.test(value) !== help.used.has(network.name);
  },
};

function hasLabels({ labels = {} }: Network, values: string[]): boolean {
  return values.every((value) => {
    const [key = '', wanted] = value.split(/=(.*)/s);
    return Object.hasOwn(labels, key) && (wanted === undefined || labels[key] === wanted);
  });
}

function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(text);
  } catch {
    return false;
  }
}
