/** `[[registry]]` of registries.conf, checked: what would silently not match, or not block, is an error. */
import type { TomlTable } from './toml.ts';

export interface MirrorEntry {
  location: string;
  insecure: boolean;
  pullFrom: 'all' | 'digest-only' | 'tag-only';
}

export interface RegistryEntry {
  prefix: string;
  location: string;
  insecure: boolean;
  blocked: boolean;
  mirrorByDigestOnly: boolean;
  mirrors: MirrorEntry[];
}

/** The entries of one file; of several with the same prefix the first one counts. @throws Error without the file's name */
export function registryEntries(table: TomlTable): RegistryEntry[] {
  const entries = table['registries'] === undefined ? tables(table, 'registry').map(entryOf) : entriesOfV1(table);
  for (const entry of entries) checkConflicts(entry, entries);
  return entries.filter(({ prefix }, index) => entries.findIndex((other) => other.prefix === prefix) === index);
}

/** `unqualified-search-registries`, of the old format `[registries.search]`; undefined when it is not set. */
export function searchRegistries(table: TomlTable): string[] | undefined {
  const v1 = asTable(asTable(table['registries'])['search'])['registries'];
  const value = table['unqualified-search-registries'] ?? v1;
  if (value === undefined) return undefined;
  return texts(value, 'unqualified-search-registries').map((entry) => {
    const host = location(entry);
    if (hostPattern.test(host)) return host;
    throw new Error(`Invalid unqualified-search-registries entry ${JSON.stringify(host)}`);
  });
}

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const hostPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);

function entryOf(table: TomlTable): RegistryEntry {
  const place = location(text(table, 'location'));
  const prefix = location(text(table, 'prefix')) || place;
  if (prefix === '') throw new Error('invalid condition: both location and prefix are unset');
  if (place === '' && !prefix.startsWith('*.')) {
    throw new Error('invalid condition: location is unset and prefix is not in the format: *.example.com');
  }
  if (prefix.startsWith('*.') && /[/@:]/.test(prefix)) {
    throw new Error(
      `Wildcarded prefix should be in the format: *.example.com. Current prefix "${prefix}" is incorrectly formatted`,
    );
  }
  if (text(table, 'pull-from-mirror') !== '') {
    throw new Error(`pull-from-mirror must not be set for a non-mirror registry "${prefix}"`);
  }
  const mirrorByDigestOnly = flag(table, 'mirror-by-digest-only');
  return {
    prefix,
    location: place,
    insecure: flag(table, 'insecure'),
    blocked: flag(table, 'blocked'),
    mirrorByDigestOnly,
    mirrors: tables(table, 'mirror').map((mirror) => mirrorOf(mirror, prefix, mirrorByDigestOnly)),
  };
}

function mirrorOf(table: TomlTable, prefix: string, byDigestOnly: boolean): MirrorEntry {
  const place = location(text(table, 'location'));
  if (place === '') throw new Error('invalid condition: mirror location is unset');
  const from = text(table, 'pull-from-mirror');
  if (byDigestOnly && from !== '') {
    throw new Error(
      `cannot set mirror usage mirror-by-digest-only for the registry ("${prefix}") and pull-from-mirror for ` +
        `per-mirror ("${place}") at the same time`,
    );
  }
  if (from !== '' && from !== 'all' && from !== 'digest-only' && from !== 'tag-only') {
    throw new Error(`unsupported pull-from-mirror value "${from}" for mirror "${place}"`);
  }
  return { location: place, insecure: flag(table, 'insecure'), pullFrom: from || 'all' };
}

/** One registry under several prefixes is either insecure or not, blocked or not. */
function checkConflicts(entry: RegistryEntry, entries: readonly RegistryEntry[]): void {
  const place = entry.location || entry.prefix;
  for (const other of entries) {
    if ((other.location || other.prefix) !== place) continue;
    const setting = (['insecure', 'blocked'] as const).find((key) => entry[key] !== other[key]);
    if (setting) throw new Error(`registry '${place}' is defined multiple times with conflicting '${setting}' setting`);
  }
}

/** The format of before 2018, which the main file may still have. */
function entriesOfV1(table: TomlTable): RegistryEntry[] {
  const { insecure, block } = asTable(table['registries']);
  const [insecureHosts, blockedHosts] = [insecure, block].map((list) =>
    texts(asTable(list)['registries'] ?? [], 'registries').map(location),
  );
  const places = new Set([...(blockedHosts ?? []), ...(insecureHosts ?? [])]);
  return [...places].map((place) => ({
    prefix: place,
    location: place,
    insecure: insecureHosts?.includes(place) ?? false,
    blocked: blockedHosts?.includes(place) ?? false,
    mirrorByDigestOnly: false,
    mirrors: [],
  }));
}

function location(value: string): string {
  if (!/^https?:\/\//.test(value)) return value.replace(/\/+$/, '');
  throw new Error(`invalid location '${value}': URI schemes are not supported`);
}

function text(table: TomlTable, key: string): string {
  const value = table[key] ?? '';
  if (typeof value === 'string') return value;
  throw new Error(`"${key}" is no text`);
}

function flag(table: TomlTable, key: string): boolean {
  const value = table[key] ?? false;
  if (typeof value === 'boolean') return value;
  throw new Error(`"${key}" is neither true nor false`);
}

/** @throws Error for anything but a list of texts */
export function texts(value: unknown, key: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw new Error(`"${key}" is no list of texts`);
}

export function asTable(value: unknown): TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TomlTable) : {};
}

function tables(table: TomlTable, key: string): TomlTable[] {
  const value = table[key] ?? [];
  if (Array.isArray(value)) return value.map(asTable);
  throw new Error(`"${key}" is one table: write [[${key}]]`);
}
