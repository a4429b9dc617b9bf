/**
 * registries.conf, version 2, with its drop-ins and the cache of short names. Synchronous, and read
 * once per process, so that looking up a local image can use it.
 */
import { existsSync } from 'node:fs';
import { messageOf, TspodError } from '../errors.ts';
import { asTable, type RegistryEntry, registryEntries, searchRegistries, texts } from './registries-conf-entry.ts';
import { aliasCacheFile, registriesFiles } from './registries-conf-files.ts';
import { readToml, type TomlTable } from './toml.ts';

export type { MirrorEntry, RegistryEntry } from './registries-conf-entry.ts';

export interface RegistriesConf {
  /** The main file, also when it does not exist: error messages name it. */
  file: string;
  searchRegistries: string[];
  /** The file that names the search registries, or the main one. */
  searchOrigin: string;
  shortNameMode: 'enforcing' | 'permissive' | 'disabled';
  /** Names of helpers, and `containers-auth.json` for the files. */
  credentialHelpers: string[];
  /** Short name to full repository, and the file that says so. */
  aliases: Map<string, { target: string; origin: string }>;
  registries: RegistryEntry[];
}

const cache = new Map<string, RegistriesConf>();

/**
 * Reads the configuration.
 *
 * @param chosen the file to read instead of the first one that exists (`CONTAINERS_REGISTRIES_CONF`)
 * @throws TspodError BAD_CONFIG naming the file
 */
export function loadRegistriesConf(chosen?: string): RegistriesConf {
  const { main, named, dropIns } = registriesFiles(chosen);
  const known = cache.get(main);
  if (known) return known;
  if (named && !existsSync(main)) throw broken(main, 'no such file or directory');
  const conf = emptyConf(main);
  for (const path of [main, ...dropIns]) applyFile(conf, path);
  applyAliases(conf, aliasCacheFile());
  // The longest prefix decides.
  conf.registries.sort((a, b) => b.prefix.length - a.prefix.length || (a.prefix < b.prefix ? -1 : 1));
  cache.set(main, conf);
  return conf;
}

function emptyConf(file: string): RegistriesConf {
  return {
    file,
    searchRegistries: [],
    searchOrigin: file,
    shortNameMode: 'permissive',
    credentialHelpers: [],
    aliases: new Map(),
    registries: [],
  };
}

function applyFile(conf: RegistriesConf, path: string): void {
  const table = read(path);
  if (!table) return;
  try {
    if (table['registries'] !== undefined) checkV1(table, path === conf.file);
    const search = searchRegistries(table);
    if (search) Object.assign(conf, { searchRegistries: search, searchOrigin: path });
    const mode = table['short-name-mode'] ?? '';
    if (mode !== '') conf.shortNameMode = shortNameMode(mode);
    const helpers = table['credential-helpers'];
    if (helpers !== undefined) conf.credentialHelpers = texts(helpers, 'credential-helpers');
    for (const entry of registryEntries(table)) replaceRegistry(conf, entry);
    setAliases(conf, table, path);
  } catch (error) {
    throw broken(path, messageOf(error), error);
  }
}

function checkV1(table: TomlTable, isMain: boolean): void {
  if (!isMain) throw new Error('registry must be in v2 format but is in v1');
  const v2 = ['registry', 'unqualified-search-registries', 'short-name-mode', 'credential-helpers', 'aliases'];
  if (v2.some((key) => table[key] !== undefined)) throw new Error('mixing sysregistry v1/v2 is not supported');
}

function applyAliases(conf: RegistriesConf, path: string): void {
  const table = read(path);
  if (!table) return;
  try {
    setAliases(conf, table, path);
  } catch (error) {
    throw broken(path, messageOf(error), error);
  }
}

/** An empty alias takes an earlier one away. */
function setAliases(conf: RegistriesConf, table: TomlTable, origin: string): void {
  for (const [name, target] of Object.entries(asTable(table['aliases']))) {
    const isShort = /^[a-z0-9]/.test(name) && !/[:@]/.test(name) && !/^(localhost|[^/]*\.[^/]*)\//.test(name);
    if (!isShort) throw new Error(`validating short-name aliases: invalid short name "${name}"`);
    if (typeof target !== 'string') throw new Error(`validating short-name aliases: "${name}" is no text`);
    if (target === '') conf.aliases.delete(name);
    else conf.aliases.set(name, { target: aliasTarget(target), origin });
  }
}

function aliasTarget(target: string): string {
  const [host = '', ...path] = target.split('/');
  const reason = target.includes('@')
    ? 'must not contain digest'
    : path.join('/').includes(':')
      ? 'must not contain tag'
      : path.length === 0 || !(/[.:]/.test(host) || host === 'localhost')
        ? 'must contain registry and repository'
        : null;
  if (reason) throw new Error(`validating short-name aliases: invalid alias "${target}": ${reason}`);
  return target;
}

function replaceRegistry(conf: RegistriesConf, entry: RegistryEntry): void {
  conf.registries = conf.registries.filter((known) => known.prefix !== entry.prefix);
  conf.registries.push(entry);
}

function shortNameMode(value: unknown): RegistriesConf['shortNameMode'] {
  if (value === 'enforcing' || value === 'permissive' || value === 'disabled') return value;
  throw new Error(`invalid short-name mode: "${String(value)}"`);
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
