/** `--filter` of `pod ps`: every key must fit, of several values of one key one. */
import { TspodError } from '../../errors.ts';
import type { RuntimeContext } from '../context.ts';
import { fitsId, groupFilters, hasLabels, matchesAny } from '../filters.ts';
import { untilTime } from '../until.ts';
import type { PodView } from './ps.ts';

type Fits = (view: PodView) => boolean;
type MakeFits = (values: string[], rt: RuntimeContext) => Fits;

/** `KEY=VALUE` texts to one predicate. BAD_ARGUMENT with Podman's words for what is no filter. */
export function podFilter(rt: RuntimeContext, filters: readonly string[]): Fits {
  for (const filter of filters) {
    if (filter.includes('=')) continue;
    throw new TspodError('BAD_ARGUMENT', `filter input must be in the form of filter=value: ${filter} is invalid`);
  }
  const all = [...groupFilters(filters)].map(([key, values]) => {
    const make = Object.hasOwn(predicates, key) ? predicates[key] : undefined;
    if (!make) throw new TspodError('BAD_ARGUMENT', `${key} is an invalid filter`);
    return make(values, rt);
  });
  return (view) => all.every((fits) => fits(view));
}

const predicates: Record<string, MakeFits> = {
  'ctr-ids': (values) => (view) => view.members.some(({ config }) => fitsId(config.id, values)),
  'ctr-names': (values) => (view) => view.members.some(({ config }) => matchesAny(config.name, values)),
  'ctr-number': (values) => (view) => values.some((value) => Number.parseInt(value, 10) === view.members.length),
  'ctr-status': byContainerStatus,
  id: (values) => (view) => fitsId(view.pod.id, values),
  name: (values) => (view) => matchesAny(view.pod.name, values),
  status: byStatus,
  label: (values) => (view) => hasLabels(view.pod.labels, values),
  'label!': (values) => (view) => !hasLabels(view.pod.labels, values),
  until: (values) => {
    const bound = untilTime(values);
    return (view) => Date.parse(view.pod.created) < bound;
  },
  network: (values) => (view) => {
    const infra = view.members.find(({ config }) => config.id === view.pod.infraId);
    return values.some((value) => infra !== undefined && value in infra.config.networks);
  },
};

const containerStatuses = ['created', 'running', 'paused', 'stopped', 'exited', 'unknown'];

function byContainerStatus(values: string[]): Fits {
  const unknown = values.find((value) => !containerStatuses.includes(value));
  if (unknown !== undefined) throw new TspodError('BAD_ARGUMENT', `${unknown} is not a valid status`);
  const wanted = values.map((value) => (value === 'stopped' ? 'exited' : value));
  return (view) => view.members.some(({ state }) => wanted.includes(state.status));
}

const podStatuses = ['stopped', 'running', 'paused', 'exited', 'dead', 'created', 'degraded'];

function byStatus(values: string[]): Fits {
  const unknown = values.find((value) => !podStatuses.includes(value));
  if (unknown !== undefined) throw new TspodError('BAD_ARGUMENT', `${unknown} is not a valid pod status`);
  return (view) => values.includes(view.status.toLowerCase());
}
