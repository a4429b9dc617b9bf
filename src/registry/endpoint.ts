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
  if (prefix.startsWith('*.')) {
    const suffix = prefix.slice(1);
    const name = reference.domain;
    return name.endsWith(suffix) && name.length > suffix.length;
  }
  const full = formatReference(reference);
  if (!full.startsWith(prefix)) return false;
  const next = full[prefix.length];
  return next === undefined || next === '/' || next === ':' || next === '@';
}

function usableMirrors(entry: RegistryEntry, reference: Reference): RegistryEntry['mirrors'] {
  const byDigest = reference.digest !== '';
  if (entry.mirrorByDigestOnly && !byDigest) return [];
  return entry.mirrors.filter(
    (mirror) => mirror.pullFrom === 'all' || (mirror.pullFrom === 'digest-only') === byDigest,
  );
}

function relocate(reference: Reference, prefix: string, location: string): Reference {
  const from = prefix.startsWith('*.') ? reference.domain : prefix;
  const full = repositoryOf(reference);
  if (!full.startsWith(from)) return { ...reference, ...split(location) };
  return { ...reference, ...split(location + full.slice(from.length)) };
}

function split(location: string): { domain: string; path: string } {
  const { domain, path } = parseReference(location);
  return { domain, path };
}
