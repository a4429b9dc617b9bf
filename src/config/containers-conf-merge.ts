/** Merges one parsed containers.conf into the configuration. Keys that tspod does not know are left alone, as Podman does. */
import { TspodError } from '../errors.ts';
import type { ContainersConf } from './containers-conf-defaults.ts';
import type { TomlTable, TomlValue } from './toml.ts';

/** @throws BAD_CONFIG naming file and key when a value has the wrong type. */
export function mergeContainersConf(conf: ContainersConf, toml: TomlTable, path: string): void {
  for (const section of ['containers', 'network', 'engine'] as const) {
    const table = toml[section];
    if (table === undefined) continue;
    if (!isTable(table)) throw wrongType(path, section, 'a table');
    mergeSection(conf[section] as unknown as Record<string, unknown>, table, { path, section });
  }
}

interface Place {
  path: string;
  section: string;
}

/** Numbers that have no default: without it their type cannot be seen. */
const optionalNumbers = new Set(['oomScoreAdj', 'compressionLevel']);
const renamed: Record<string, string> = {
  dns_searches: 'dnsSearches',
  host_containers_internal_ip: 'hostContainersInternalIp',
};

function mergeSection(target: Record<string, unknown>, table: TomlTable, place: Place): void {
  for (const [key, value] of Object.entries(table)) {
    const name = renamed[key] ?? key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!(name in target) || name === 'defaultMountsFile') continue;
    target[name] = convert(target[name], value, { path: place.path, key: `${place.section}.${key}`, name });
  }
}

function convert(current: unknown, value: TomlValue, at: { path: string; key: string; name: string }): unknown {
  if (at.name === 'defaultSubnetPools') return subnetPools(value, at);
  if (at.name === 'eventsLogfileMaxSize' && typeof value === 'string') return byteSize(value, at);
  if (Array.isArray(current)) return mergeList(current as string[], value, at);
  if (typeof current === 'boolean') return expect(value, 'boolean', at);
  if (typeof current === 'number' || optionalNumbers.has(at.name)) return Number(expect(value, 'number', at));
  if (typeof current === 'object' && current !== null) return mergeTable(current as Record<string, unknown>, value, at);
  return expect(value, 'string', at);
}

/** Lists to which later files add too: `{append=true}` counts until a file says `{append=false}`. */
const appended = new WeakSet<string[]>();

function mergeList(current: string[], value: TomlValue, at: { path: string; key: string }): string[] {
  if (!Array.isArray(value)) throw wrongType(at.path, at.key, 'an array of strings');
  const items = value.filter((item) => typeof item === 'string');
  const attributes = value.filter(isTable);
  if (items.length + attributes.length !== value.length) throw wrongType(at.path, at.key, 'an array of strings');
  const wish = attributes.map((table) => table['append']).findLast((append) => typeof append === 'boolean');
  if (!(wish ?? appended.has(current))) return items;
  const joined = [...current, ...items];
  appended.add(joined);
  return joined;
}

function mergeTable(current: Record<string, unknown>, value: TomlValue, at: { path: string; key: string }): unknown {
  if (!isTable(value)) throw wrongType(at.path, at.key, 'a table');
  const merged = { ...current };
  for (const [key, item] of Object.entries(value)) {
    const isList = Array.isArray(item) && item.every((entry) => typeof entry === 'string');
    if (!isList && typeof item !== 'string') throw wrongType(at.path, `${at.key}.${key}`, 'strings');
    merged[key] = item;
  }
  return merged;
}

function subnetPools(value: TomlValue, at: { path: string; key: string }): { base: string; size: number }[] {
  if (!Array.isArray(value)) throw wrongType(at.path, at.key, 'an array of tables');
  return value.map((pool) => {
    const base = isTable(pool) ? pool['base'] : undefined;
    const size = isTable(pool) ? Number(pool['size']) : Number.NaN;
    if (typeof base !== 'string' || !/^\d+(\.\d+){3}\/\d+$/.test(base)) {
      throw new TspodError('BAD_CONFIG', `invalid subnet pool ip "${String(base)}"`);
    }
    if (Number(base.split('/')[1]) > size) {
      throw new TspodError('BAD_CONFIG', `invalid subnet pool, size is bigger than subnet "${base}"`);
    }
    if (!(size >= 0 && size <= 32)) {
      throw new TspodError('BAD_CONFIG', 'invalid subnet pool size, must be between 0-32');
    }
    return { base, size };
  });
}

function expect(value: TomlValue, type: 'string' | 'number' | 'boolean', at: { path: string; key: string }): TomlValue {
  const found = typeof value === 'bigint' ? 'number' : typeof value;
  if (found !== type) throw wrongType(at.path, at.key, `a ${type}`);
  return value;
}

/** `1m`, `500kB`: powers of 1000, as Podman reads this one. */
function byteSize(text: string, at: { path: string; key: string }): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmgt]?)i?b?$/i.exec(text);
  if (!match) throw wrongType(at.path, at.key, 'a size');
  return Math.floor(Number(match[1]) * 1000 ** ' kmgt'.indexOf(match[2]?.toLowerCase() || ' '));
}

function isTable(value: TomlValue | undefined): value is TomlTable {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);
}

function wrongType(path: string, key: string, wanted: string): TspodError {
  return new TspodError('BAD_CONFIG', `decode configuration ${path}: "${key}" must be ${wanted}`);
}
