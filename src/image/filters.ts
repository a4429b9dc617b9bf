/** `--filter` of `images` and `image prune`: all must hold; several `reference` filters are alternatives. */
import { TspodError } from '../errors.ts';
import type { ImageRecord } from '../storage/records.ts';
import type { ImageContext } from './context.ts';
import type { Family } from './family.ts';
import { findImage } from './lookup.ts';
import { manifestDigests } from './names.ts';
import { matchesReference } from './reference-filter.ts';

export type ImagePredicate = (image: ImageRecord) => boolean;

export interface FilterOptions {
  family: Family;
  /** The time of an `until` value, in milliseconds since the epoch. */
  untilTime(values: readonly string[]): number;
  /** Containers of other tools, for `containers=external`. */
  isExternal?(containerId: string): boolean;
}

/** @throws TspodError BAD_ARGUMENT in Podman's words */
export function imageFilter(context: ImageContext, filters: readonly string[], options: FilterOptions): ImagePredicate {
  const wanted: ImagePredicate[] = [];
  const references: ImagePredicate[] = [];
  const seen = new Map<string, string>();
  for (const filter of filters) {
    const { key, value, negated } = split(filter);
    if (once.has(key) && seen.has(key) && seen.get(key) !== value) {
      throw bad(`specifying "${key}" filter more than once with different values is not supported`);
    }
    seen.set(key, value);
    if (key === 'reference' && !negated) references.push((image) => matchesReference(context, image, value));
    else {
      const predicate = compile(context, key, value, options);
      wanted.push(negated ? (image) => !predicate(image) : predicate);
    }
  }
  return (image) =>
    wanted.every((predicate) => predicate(image)) &&
    (references.length === 0 || references.some((predicate) => predicate(image)));
}

const once = new Set(['containers', 'dangling', 'intermediate', 'readonly', 'manifest']);

function split(filter: string): { key: string; value: string; negated: boolean } {
  const match = /^(.*?)(!?=)(.*)$/s.exec(filter);
  if (!match) throw invalid(filter);
  const [, key = '', operator, value = ''] = match;
  return { key, value, negated: operator === '!=' };
}

function compile(context: ImageContext, key: string, value: string, options: FilterOptions): ImagePredicate {
  const { family } = options;
  switch (key) {
    case 'after':
    case 'since': {
      const bound = createdOf(context, key, value);
      return (image) => Date.parse(image.created) > bound;
    }
    case 'before': {
      const bound = createdOf(context, key, value);
      return (image) => Date.parse(image.created) < bound;
    }
    case 'until': {
      const bound = options.untilTime([value]);
      return (image) => Date.parse(image.created) < bound;
    }
    case 'id':
      return (image) => image.id.startsWith(value.replace(/^sha256:/, ''));
    case 'digest':
      return byDigest(value);
    case 'label':
      return (image) => hasLabel(context, image, value);
    case 'reference':
      return (image) => matchesReference(context, image, value);
    case 'containers':
      return byContainers(context, value, options);
    case 'dangling':
      return boolean(key, value, (image) => family.isDangling(image));
    case 'intermediate':
      return boolean(key, value, (image) => family.isIntermediate(image));
    case 'readonly':
      return boolean(key, value, (image) => context.store.isReadOnly(image));
    case 'manifest':
      return boolean(key, value, () => false);
    default:
      throw invalid(key);
  }
}

function createdOf(context: ImageContext, key: string, value: string): number {
  const image = findImage(context, value);
  if (image) return Date.parse(image.record.created);
  throw new TspodError(
    'NO_SUCH_IMAGE',
    `could not find local image for filter "${key}"="${value}": ${value}: image not known`,
  );
}

function byDigest(value: string): ImagePredicate {
  if (!value.startsWith('sha256:')) throw bad(`invalid value ${JSON.stringify(value)} for digest filter`);
  return (image) => manifestDigests(image).some((digest) => digest.startsWith(value));
}

function hasLabel({ store }: ImageContext, image: ImageRecord, value: string): boolean {
  const labels = store.imageConfig(image).config?.Labels ?? {};
  const [key = '', ...rest] = value.split('=');
  const actual = labels[key];
  return actual !== undefined && (rest.length === 0 || actual === rest.join('='));
}

function byContainers({ store }: ImageContext, value: string, { isExternal }: FilterOptions): ImagePredicate {
  const users = (image: ImageRecord) => store.containers().filter((container) => container.image === image.id);
  if (value === 'true') return (image) => users(image).length > 0;
  if (value === 'false') return (image) => users(image).length === 0;
  if (value !== 'external') throw bad(`unsupported value "${value}" for containers filter`);
  return (image) => users(image).every(({ id }) => isExternal?.(id) ?? false);
}

function boolean(key: string, value: string, predicate: ImagePredicate): ImagePredicate {
  const yes = /^(1|t|T|TRUE|true|True)$/.test(value);
  if (!yes && !/^(0|f|F|FALSE|false|False)$/.test(value)) {
    throw bad(`non-boolean value "${value}" for ${key} filter: strconv.ParseBool: parsing "${value}": invalid syntax`);
  }
  return (image) => predicate(image) === yes;
}

function invalid(filter: string): TspodError {
  return bad(`invalid image filter "${filter}": must be in the format "filter=value or filter!=value"`);
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
