/**
 * registries.conf, version 2, with its drop-ins and the cache of short names. Synchronous, and read
 * once per process, so that looking up a local image can use it.
 */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { messageOf, TspodError } from '../errors.ts';
import { callerUid } from './rootless.ts';
import { readToml, type TomlTable } from './toml.ts';

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

export interface RegistriesConf {
  /** The main file, also when it does not exist: error messages name it. */
  file: string;
  searchRegistries: string[];
  shortNameMode: 'enforcing' | 'permissive' | 'disabled';
  credentialHelpers: string[];
  /** Short name to full repository, and the file that says so. */
  aliases: Map<string, { target: string; origin: string }>;
  registries: RegistryEntry[];
}

const cache = new Map<string, RegistriesConf>();

/**
 * Reads the configuration.
 *
 * @param file the file to read instead of the first one that exists (`CONTAINERS_REGISTRIES_CONF`)
 * @throws TspodError BAD_CONFIG naming the file
 */
export function loadRegistriesConf(file: string = mainFile()): RegistriesConf {
  const known = cache.get(file);
  if (known) return known;
  const conf = emptyConf(file);
  for (const path of [file, ...dropIns()]) applyFile(conf, path);
  applyAliasCache(conf);
  conf.registries.sort((a, b) => b.prefix.length - a.prefix.length);
  cache.set(file, conf);
  return conf;
}

/** The file where an alias that the user chose is remembered. */
export function aliasCacheFile(): string {
  if (callerUid() === 0) return '/var/cache/containers/short-name-aliases.conf';
  return `${process.env['XDG_CACHE_HOME'] ?? `${homedir()}/.cache`}/containers/short-name-aliases.conf`;
}

function mainFile(): string {
  const chosen = process.env['CONTAINERS_REGISTRIES_CONF'] ?? process.env['REGISTRIES_CONFIG_PATH'];
  if (chosen) return chosen;
  const candidates = [`${userConfigDir()}/registries.conf`, '/etc/containers/registries.conf'];
  const found = [...candidates, '/usr/share/containers/registries.conf'].find((path) => existsSync(path));
  return found ?? '/etc/containers/registries.conf';
}

function dropIns(): string[] {
  const folders = ['/usr/share/containers', '/etc/containers', userConfigDir()].map(
    (dir) => `${dir}/registries.conf.d`,
  );
  return folders.flatMap((folder) => filesIn(folder));
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));
  return names.sort().map((name) => `${folder}/${name}`);
}

function userConfigDir(): string {
  return `${process.env['XDG_CONFIG_HOME'] ?? `${homedir()}/.config`}/containers`;
}

function emptyConf(file: string): RegistriesConf {
  return {
    file,
    searchRegistries: [],
    shortNameMode: 'permissive',
    credentialHelpers: [],
    aliases: new Map(),
    registries: [],
  };
}

function applyFile(conf: RegistriesConf, path: string): void {
  const table = read(path);
  if (!table) return;
  if (table['registries'] !== undefined)
    throw broken(path, 'registries.conf is in the old v1 format: use [[registry]]');
  if (table['unqualified-search-registries'] !== undefined) {
    conf.searchRegistries = texts(table['unqualified-search-registries']).map((host) => host.replace(/\/+$/, ''));
  }
  const mode = table['short-name-mode'];
  if (mode !== undefined) conf.shortNameMode = shortNameMode(mode, path);
  if (table['credential-helpers'] !== undefined) conf.credentialHelpers = texts(table['credential-helpers']);
  for (const [name, target] of Object.entries(asTable(table['aliases']))) {
    if (typeof target !== 'string' || target === '') conf.aliases.delete(name);
    else conf.aliases.set(name, { target, origin: path });
  }
  for (const entry of asTables(table['registry'])) replaceRegistry(conf, registryEntry(entry, path));
}

function applyAliasCache(conf: RegistriesConf): void {
  const origin = aliasCacheFile();
  const table = read(origin);
  for (const [name, target] of Object.entries(asTable(table?.['aliases']))) {
    if (typeof target === 'string' && target !== '') conf.aliases.set(name, { target, origin });
  }
}

function replaceRegistry(conf: RegistriesConf, entry: RegistryEntry): void {
  conf.registries = conf.registries.filter((known) => known.prefix !== entry.prefix);
  conf.registries.push(entry);
}

function registryEntry(table: TomlTable, path: string): RegistryEntry {
  const location = text(table['location']);
  const prefix = text(table['prefix']) || location;
  if (prefix === '') throw broken(path, 'a registry has neither "prefix" nor "location"');
  if (location === '' && !prefix.startsWith('*.')) throw broken(path, `registry "${prefix}" has no "location"`);
  return {
    prefix,
    location,
    insecure: table['insecure'] === true,
    blocked: table['blocked'] === true,
    mirrorByDigestOnly: table['mirror-by-digest-only'] === true,
    mirrors: asTables(table['mirror']).map((mirror) => mirrorEntry(mirror, path)),
  };
}

function mirrorEntry(table: TomlTable, path: string): MirrorEntry {
  const location = text(table['location']);
  if (location === '') throw broken(path, 'a mirror has no "location"');
  const from = text(table['pull-from-mirror']) || 'all';
  if (from !== 'all' && from !== 'digest-only' && from !== 'tag-only') {
    throw broken(path, `unsupported pull-from-mirror value "${from}" for mirror "${location}"`);
  }
  return { location, insecure: table['insecure'] === true, pullFrom: from };
}

function shortNameMode(value: unknown, path: string): RegistriesConf['shortNameMode'] {
  if (value === 'enforcing' || value === 'permissive' || value === 'disabled') return value;
  throw broken(path, `invalid short-name mode "${String(value)}"`);
}

function read(path: string): TomlTable | null {
  try {
    return readToml(path);
  } catch (error) {
    throw broken(path, messageOf(error).replace(/^.*?: (?=toml: )/, ''), error);
  }
}

function broken(path: string, reason: string, cause?: unknown): TspodError {
  return new TspodError('BAD_CONFIG', `loading registries configuration "${path}": ${reason}`, { cause });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.replace(/\/+$/, '') : '';
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function asTable(value: unknown): TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TomlTable) : {};
}

function asTables(value: unknown): TomlTable[] {
  return Array.isArray(value) ? value.map(asTable) : [];
}
