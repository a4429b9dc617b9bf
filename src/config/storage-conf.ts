/**
 * storage.conf: where the store is and how it is mounted. Only the first file that exists counts, as in
 * containers/storage up to 1.60; the drop-in folders of 1.62 are read on top of it.
 */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { TspodError } from '../errors.ts';
import { callerUid, runtimeDir } from './rootless.ts';
import { applyFileOptions, applyOption, priorDriver } from './storage-options.ts';
import { readToml, type TomlTable, type TomlValue } from './toml.ts';

/** What the store needs to know; all paths are absolute. */
export interface StorageConf {
  graphRoot: string;
  runRoot: string;
  /** Asked for, or what the graph root has already. */
  driver: 'overlay' | 'vfs';
  /** Comma-separated options of every overlay mount, for example `nodev`. */
  mountopt: string;
  /** Read-only graph roots whose images can be used from here. */
  additionalImageStores: string[];
  /** Containers are recorded in the run root only: gone after a reboot. */
  transientStore: boolean;
  /** Do not bind the driver's folder on itself before mounting below it. */
  skipMountHome: boolean;
  /** `filesystem`: syncfs before a layer is recorded. */
  sync: 'none' | 'filesystem';
  ignoreChownErrors: boolean;
  /** Fetch only those files of a zstd:chunked layer that the store lacks. */
  partialPulls: boolean;
  /** Mounts overlays in place of the kernel, '' for none: fuse-overlayfs. */
  mountProgram: string;
  /** Mode that files of images get; owner and mode proper are in an attribute. Null: files are what they are. */
  forceMask: number | null;
  /** Never mount with overlayfs' `volatile`. */
  disableVolatile: boolean;
  /** Graph root for images and their layers, '' when they are with the containers. */
  imageStore: string;
  /** The file that was read, '' when none exists. */
  file: string;
}

/** The options of the command line that win over the file. */
export interface StorageOverrides {
  root?: string;
  runroot?: string;
  imagestore?: string;
  storageDriver?: string;
  storageOpts?: string[];
  /** `NAME=VALUE` each. */
  pullOptions?: string[];
  transientStore?: boolean;
}

/**
 * Reads storage.conf and applies the environment and the command line.
 * @throws BAD_CONFIG for a file that is no TOML, UNSUPPORTED for a driver or a store layout tspod does not have.
 */
export function loadStorageConf(overrides: StorageOverrides = {}, env: NodeJS.ProcessEnv = process.env): StorageConf {
  const file = storageConfFile(env);
  const conf = defaults(env, file);
  const tables: FileTables[] = [];
  for (const path of [file, ...dropIns(env)]) if (path !== '') tables.push(...applyFile(conf, path, env));
  if (overrides.root) conf.graphRoot = absolute(overrides.root);
  if (overrides.runroot) conf.runRoot = absolute(overrides.runroot);
  for (const option of overrides.pullOptions ?? []) {
    const [name = '', value = ''] = option.split('=');
    applyPullOption(conf, name, value);
  }
  if (overrides.transientStore !== undefined) conf.transientStore = overrides.transientStore;
  if (overrides.imagestore) conf.imageStore = absolute(overrides.imagestore);
  const driver = overrides.storageDriver || env['STORAGE_DRIVER'] || namedDriver(tables);
  conf.driver = driver ? checkedDriver(driver) : priorDriver(conf.graphRoot);
  const fromEnv = env['STORAGE_OPTS']?.split(',').filter((option) => option !== '');
  const options = overrides.storageOpts ?? fromEnv;
  if (options === undefined) for (const table of tables) applyTables(conf, table);
  // As in Podman, options of the command line take the place of all that the file has.
  for (const option of options ?? []) applyOption(conf, option);
  refuseMissing(conf);
  return conf;
}

/** @throws UNSUPPORTED */
function refuseMissing(conf: StorageConf): void {
  const missing = [conf.imageStore && 'imagestore', conf.forceMask !== null && 'overlay.force_mask'].find(
    (name) => name,
  );
  if (missing) throw new TspodError('UNSUPPORTED', `the store option "${missing}" is not supported by tspod`);
}

/** The main file: CONTAINERS_STORAGE_CONF, the user's, /etc, /usr/share; '' when there is none. */
export function storageConfFile(env: NodeJS.ProcessEnv): string {
  const forced = env['CONTAINERS_STORAGE_CONF'];
  if (forced) return forced;
  const home = env['XDG_CONFIG_HOME'] || `${env['HOME'] ?? homedir()}/.config`;
  const candidates = isUser(env) ? [`${home}/containers/storage.conf`] : [];
  candidates.push('/etc/containers/storage.conf', '/usr/share/containers/storage.conf');
  return candidates.find((path) => existsSync(path)) ?? '';
}

function defaults(env: NodeJS.ProcessEnv, file: string): StorageConf {
  const rest = {
    driver: 'overlay' as const,
    mountopt: '',
    additionalImageStores: [],
    transientStore: false,
    skipMountHome: false,
    sync: 'none' as const,
    ignoreChownErrors: false,
    partialPulls: true,
    mountProgram: '',
    forceMask: null,
    disableVolatile: false,
    imageStore: '',
    file,
  };
  if (!isUser(env)) return { graphRoot: '/var/lib/containers/storage', runRoot: '/run/containers/storage', ...rest };
  const data = env['XDG_DATA_HOME'] || `${env['HOME'] ?? homedir()}/.local/share`;
  return { graphRoot: `${data}/containers/storage`, runRoot: `${runtimeDir(env)}/containers`, ...rest };
}

function isUser(env: NodeJS.ProcessEnv): boolean {
  return callerUid(env) !== 0;
}

function dropIns(env: NodeJS.ProcessEnv): string[] {
  if (env['CONTAINERS_STORAGE_CONF']) return override(env);
  const kind = isUser(env) ? 'rootless' : 'rootful';
  const home = env['XDG_CONFIG_HOME'] || `${env['HOME'] ?? homedir()}/.config`;
  const bases = ['/usr/share/containers', '/etc/containers', ...(isUser(env) ? [`${home}/containers`] : [])];
  const found = bases.flatMap((base) =>
    [`${base}/storage.conf.d`, `${base}/storage.${kind}.conf.d`].flatMap(confFiles),
  );
  return [...found, ...override(env)];
}

function override(env: NodeJS.ProcessEnv): string[] {
  return env['CONTAINERS_STORAGE_CONF_OVERRIDE'] ? [env['CONTAINERS_STORAGE_CONF_OVERRIDE']] : [];
}

function confFiles(folder: string): string[] {
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));
    return names.sort().map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}

/** What a file says of drivers; it counts when it is known which one is used. */
interface FileTables {
  path: string;
  driver: string;
  options: TomlTable;
  ofDriver: Record<StorageConf['driver'], TomlTable>;
  additionalImageStores: string[];
}

function applyFile(conf: StorageConf, path: string, env: NodeJS.ProcessEnv): FileTables[] {
  const storage = table(readToml(path)?.['storage'], path, 'storage');
  if (!storage) return [];
  const options = table(storage['options'], path, 'storage.options') ?? {};
  const text = (value: TomlValue | undefined, key: string) => optionalString(value, path, key);
  const imageStore = text(storage['imagestore'], 'imagestore');
  if (imageStore) conf.imageStore = expand(imageStore, env);
  const rootless = isUser(env) ? text(storage['rootless_storage_path'], 'rootless_storage_path') : '';
  const graphRoot = rootless || text(storage['graphroot'], 'graphroot');
  const runRoot = text(storage['runroot'], 'runroot');
  if (graphRoot) conf.graphRoot = expand(graphRoot, env);
  if (runRoot) conf.runRoot = expand(runRoot, env);
  if (typeof storage['transient_store'] === 'boolean') conf.transientStore = storage['transient_store'];
  if (typeof options['disable-volatile'] === 'boolean') conf.disableVolatile = options['disable-volatile'];
  const pull = table(options['pull_options'], path, 'storage.options.pull_options');
  applyPullOption(conf, 'enable_partial_images', pull?.['enable_partial_images']);
  const ofDriver = (name: string) => table(options[name], path, `storage.options.${name}`) ?? {};
  const stores = (key: string) => (Array.isArray(options[key]) ? options[key].map(String) : []);
  if (stores('additionallayerstores').length > 0) refuse('additionallayerstores', path);
  return [
    {
      path,
      driver: text(storage['driver'], 'driver') || prioritised(storage['driver_priority']),
      options,
      ofDriver: { overlay: ofDriver('overlay'), vfs: ofDriver('vfs') },
      additionalImageStores: stores('additionalimagestores').map((store) => expand(store, env)),
    },
  ];
}

/** Other names are of containers/storage alone, or of its ways to trust a table of contents that tspod does not have. */
function applyPullOption(conf: StorageConf, name: string, value: TomlValue | undefined): void {
  if (name === 'enable_partial_images' && value !== undefined) conf.partialPulls = /^(true|1|t)$/i.test(String(value));
}

function applyTables(conf: StorageConf, { path, options, ofDriver, additionalImageStores }: FileTables): void {
  if (additionalImageStores.length > 0) conf.additionalImageStores = additionalImageStores;
  applyFileOptions(conf, options, ofDriver[conf.driver], path);
}

/** The last file that names one. */
function namedDriver(tables: FileTables[]): string {
  return tables.findLast(({ driver }) => driver !== '')?.driver ?? '';
}

/** The first driver of the list that tspod has. */
function prioritised(list: TomlValue | undefined): string {
  const names = Array.isArray(list) ? list.map(String) : [];
  return names.find((name) => ['overlay', 'overlay2', 'vfs'].includes(name)) ?? names[0] ?? '';
}

function checkedDriver(driver: string): StorageConf['driver'] {
  if (driver === 'overlay' || driver === 'overlay2') return 'overlay';
  if (driver === 'vfs') return driver;
  throw new TspodError('UNSUPPORTED', `storage driver "${driver}" is not supported by tspod`, {
    hint: 'use the driver "overlay" or "vfs"',
  });
}

function refuse(key: string, path: string): never {
  throw new TspodError('UNSUPPORTED', `the store option "${key}" of "${path}" is not supported by tspod`);
}

function table(value: TomlValue | undefined, path: string, key: string): TomlTable | null {
  if (value === undefined) return null;
  if (typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)) return value;
  throw new TspodError('BAD_CONFIG', `decoding "${path}": [${key}] is not a table`);
}

function optionalString(value: TomlValue | undefined, path: string, key: string): string {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  throw new TspodError('BAD_CONFIG', `decoding "${path}": storage.${key} is not a string`);
}

function expand(text: string, env: NodeJS.ProcessEnv): string {
  const known: Record<string, string> = {
    HOME: env['HOME'] ?? homedir(),
    UID: String(callerUid(env)),
    USER: env['USER'] ?? '',
  };
  return absolute(text.replace(/\$\{?(\w+)\}?/g, (whole, name: string) => known[name] ?? env[name] ?? whole));
}

/** Trailing slashes would make equal stores look different to libpod's database. */
function absolute(path: string): string {
  const full = path.startsWith('/') ? path : `${process.cwd()}/${path}`;
  return full.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
}
