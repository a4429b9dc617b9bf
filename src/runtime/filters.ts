/** `--filter` of commands that choose containers: every key must fit, of several values of one key one. */
import { TspodError } from '../errors.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { untilTime } from './until.ts';

export type Predicate = (container: Container) => boolean;
type MakePredicate = (values: string[], rt: RuntimeContext) => Predicate;

/** `KEY=VALUE` texts to one predicate. BAD_ARGUMENT with Podman's words for what is no filter. */
export function containerFilter(rt: RuntimeContext, filters: readonly string[]): Predicate {
  return combine(rt, filters, predicates);
}

/** The few keys that `container prune` knows. */
export function pruneFilter(rt: RuntimeContext, filters: readonly string[]): Predicate {
  const { label, 'label!': notLabel, until } = predicates;
  return combine(rt, filters, { label, 'label!': notLabel, until });
}

function combine(
  rt: RuntimeContext,
  filters: readonly string[],
  known: Record<string, MakePredicate | undefined>,
): Predicate {
  const all = [...groupFilters(filters)].map(([key, values]) => {
    const make = known[key];
    if (!make) throw new TspodError('BAD_ARGUMENT', `${key} is an invalid filter`);
    return make(values, rt);
  });
  return (container) => all.every((predicate) => predicate(container));
}

/** Key to its values. BAD_ARGUMENT without a `=`. */
export function groupFilters(filters: readonly string[]): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const filter of filters) {
    const at = filter.indexOf('=');
    if (at < 0) throw new TspodError('BAD_ARGUMENT', `invalid filter "${filter}"`);
    // `label!=x` is the filter `label!`.
    const key = filter.slice(0, at);
    groups.set(key, [...(groups.get(key) ?? []), filter.slice(at + 1)]);
  }
  return groups;
}

const predicates = {
  id: byId,
  label:
    (values) =>
    ({ config }) =>
      hasLabels(config.labels, values),
  'label!':
    (values) =>
    ({ config }) =>
      !hasLabels(config.labels, values),
  name: byName,
  exited: byExitCode,
  status: byStatus,
  ancestor: byImage,
  before: byAge((created, bound) => created < bound),
  since: byAge((created, bound) => created > bound),
  volume: byVolume,
  health: (values) => (container) => values.includes(container.state.health.status),
  until: (values) => {
    const bound = untilTime(values);
    return (container) => Date.parse(container.config.created) < bound;
  },
  pod: byPod,
  network: byNetwork,
  'restart-policy': byRestartPolicy,
  command:
    (values) =>
    ({ config }) =>
      matchesAny([...config.entrypoint, ...config.command][0] ?? '', values),
  'should-start-on-boot': byStartOnBoot,
} satisfies Record<string, MakePredicate>;

function byId(values: string[]): Predicate {
  return ({ config }) => fitsId(config.id, values);
}

/** Beginnings of the id, or patterns where a value can be none. */
export function fitsId(id: string, values: string[]): boolean {
  return values.some((value) =>
    /^[0-9a-f]+$/i.test(value) ? id.startsWith(value.toLowerCase()) : matchesAny(id, [value]),
  );
}

/** `KEY` or `KEY=VALUE`, keys with `*` and `?`: all of them must be there. */
export function hasLabels(labels: Record<string, string>, values: string[]): boolean {
  return values.every((value) => {
    const at = value.indexOf('=');
    const key = at < 0 ? value : value.slice(0, at);
    const wanted = at < 0 ? null : value.slice(at + 1);
    const pattern = globToRegExp(key);
    return Object.entries(labels).some(([name, label]) => pattern.test(name) && (wanted === null || label === wanted));
  });
}

function globToRegExp(glob: string): RegExp {
  const escaped = glob
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${escaped}$`);
}

function byName(values: string[]): Predicate {
  const names = values.map((value) => value.replaceAll('/', ''));
  return ({ config }) => matchesAny(config.name, names);
}

function byExitCode(values: string[]): Predicate {
  const codes = values.map((value) => {
    if (/^-?\d+$/.test(value)) return Number(value);
    throw new TspodError(
      'BAD_ARGUMENT',
      `exited code out of range "0": strconv.ParseInt: parsing "${value}": invalid syntax`,
    );
  });
  return ({ state }) => state.status === 'exited' && codes.includes(state.exitCode);
}

const statusNames = [
  'created',
  'initialized',
  'running',
  'stopped',
  'paused',
  'exited',
  'removing',
  'stopping',
  'configured',
  'unknown',
];

function byStatus(values: string[]): Predicate {
  for (const value of values) {
    if (!statusNames.includes(value))
      throw new TspodError('BAD_ARGUMENT', `unknown container state: ${value}: invalid argument`);
  }
  const wanted = values.map((value) => (value === 'stopped' ? 'exited' : value));
  return ({ state }) => wanted.includes(state.status);
}

function byImage(values: string[]): Predicate {
  return ({ config }) => {
    const [, name, tag] = /^(.*?)(?::([^:/]*))?$/.exec(config.imageName) ?? [];
    return values.some(
      (value) =>
        config.imageId.includes(value) ||
        matchesAny(config.imageName, [value]) ||
        (tag === 'latest' && matchesAny(name ?? '', [value])),
    );
  };
}

function byAge(fits: (created: number, bound: number) => boolean): MakePredicate {
  return (values, rt) => {
    const bound = Math.min(...values.map((value) => Date.parse(rt.state.find(value).config.created)));
    return ({ config }) => fits(Date.parse(config.created), bound);
  };
}

function byVolume(values: string[]): Predicate {
  const wanted = values.map((value) => value.split(':') as [string, string?]);
  return ({ config }) =>
    wanted.some(
      ([source, destination]) =>
        config.mounts.some((mount) =>
          destination ? mount.source === source && mount.destination === destination : mount.destination === source,
        ) ||
        config.volumes.some((volume) =>
          destination ? volume.name === source && volume.destination === destination : volume.name === source,
        ),
    );
}

/** Beginnings of ids, or names. */
function byPod(values: string[], rt: RuntimeContext): Predicate {
  const select = rt.state.statement('SELECT id FROM pods WHERE name = ?');
  const ids = values.flatMap((value) => [value, String(select.get(value)?.['id'] ?? '')]).filter(Boolean);
  return ({ config }) => ids.some((id) => config.pod.startsWith(id));
}

function byNetwork(values: string[], rt: RuntimeContext): Predicate {
  return ({ config }) => {
    const { network } = config;
    if (network.mode !== 'container') return values.some((value) => value in config.networks);
    return values.some((value) => {
      const name = value.startsWith('container:') ? value.slice('container:'.length) : '';
      return name !== '' && (network.id.startsWith(name) || rt.state.idOfName(name) === network.id);
    });
  };
}

const restartPolicies = ['none', 'no', 'on-failure', 'always', 'unless-stopped'];

function byRestartPolicy(values: string[]): Predicate {
  const unknown = values.filter((value) => !restartPolicies.includes(value));
  if (unknown.length > 0) {
    const noun = unknown.length > 1 ? 'policies' : 'policy';
    throw new TspodError('BAD_ARGUMENT', `${unknown.join(', ')} invalid restart ${noun}`);
  }
  return ({ config }) => values.includes(config.restart.name);
}

function byStartOnBoot(values: string[]): Predicate {
  const wanted = /^(1|t|true)$/i.test(values.at(-1) ?? '');
  return ({ config, state }) => {
    const { name } = config.restart;
    return (name === 'always' || (name === 'unless-stopped' && !state.stoppedByUser)) === wanted;
  };
}

/** Go's regexp.MatchString with any of the patterns. */
export function matchesAny(text: string, patterns: string[]): boolean {
  return patterns.some((pattern) => {
    try {
      return new RegExp(pattern).test(text);
    } catch {
      return false;
    }
  });
}
