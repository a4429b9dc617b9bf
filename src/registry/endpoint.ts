/** Where a reference is really fetched from: mirrors first, then the registry itself. */
import type { RegistriesConf, RegistryEntry } from '../config/registries-conf.ts';
import { TspodError } from '../errors.ts';
import { formatReference, parseReference, type Reference, repositoryOf } from './reference.ts';

export interface Endpoint {
  reference: Reference;
  /** TLS need not be verified, and plain HTTP will do. */
  insecure: boolean;
  mirror: boolean;
}

/**
 * The places to try for a full reference, in order.
 *
 * @throws TspodError POLICY for a blocked registry
 */
export function endpointsFor(conf: RegistriesConf, reference: Reference): Endpoint[] {
  const entry = findRegistry(conf, reference);
  if (!entry) return [{ reference, insecure: false, mirror: false }];
  if (entry.blocked) {
    throw new TspodError('POLICY', `registry ${entry.prefix} is blocked in ${conf.file} or ${conf.file}.d`);
  }
  const mirrors = usableMirrors(entry, reference).map((mirror) => ({
    reference: relocate(reference, entry.prefix, mirror.location),
    insecure: mirror.insecure,
    mirror: true,
  }));
  const location = entry.location === '' ? reference : relocate(reference, entry.prefix, entry.location);
  return [...mirrors, { reference: location, insecure: entry.insecure, mirror: false }];
}

/** The entry with the longest matching prefix. */
export function findRegistry(conf: RegistriesConf, reference: Reference): RegistryEntry | null {
  return conf.registries.find((entry) => matches(entry.prefix, reference)) ?? null;
}

function matches(prefix: string, reference: Reference): boolean {
  return matchLength(prefix, formatReference(reference)) > 0;
}

/** How much of a full name a prefix stands for; 0 when it does not fit. */
function matchLength(prefix: string, name: string): number {
  const wildcard = prefix.startsWith('*.');
  const start = wildcard ? name.indexOf(prefix.slice(1)) : name.startsWith(prefix) ? 0 : -1;
  // A wildcard stands for at least one label of the host, not for a part of the repository.
  if (start < 0 || (wildcard && (start === 0 || name.slice(0, start).includes('/')))) return 0;
  const end = start + prefix.length - (wildcard ? 1 : 0);
  const next = name[end];
  return next === undefined || next === '/' || next === ':' || next === '@' ? end : 0;
}

function usableMirrors(entry: RegistryEntry, reference: Reference): RegistryEntry['mirrors'] {
  const byDigest = reference.digest !== '';
  if (entry.mirrorByDigestOnly && !byDigest) return [];
  return entry.mirrors.filter(
    (mirror) => mirror.pullFrom === 'all' || (mirror.pullFrom === 'digest-only') === byDigest,
  );
}

/** The rest of the name behind the prefix stays: `quay.io/a/b` with the prefix `quay.io/a` at `m.example/x` is `m.example/x/b`. */
function relocate(reference: Reference, prefix: string, location: string): Reference {
  const repository = repositoryOf(reference);
  const length = matchLength(prefix, repository) || repository.length;
  return { ...reference, ...split(location + repository.slice(length)) };
}

function split(location: string): { domain: string; path: string } {
  const { domain, path } = parseReference(location);
  return { domain, path };
}
