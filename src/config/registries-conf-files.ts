/** Which registries.conf files count, in the order in which they are merged (containers-registries.conf(5)). */
import { existsSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { callerUid } from './rootless.ts';

export interface RegistriesFiles {
  main: string;
  /** It was named by somebody: then it has to exist. */
  named: boolean;
  dropIns: string[];
}

/** @param chosen the main file, in place of the user's or the system's */
export function registriesFiles(chosen: string | undefined): RegistriesFiles {
  const named = chosen ?? (process.env['CONTAINERS_REGISTRIES_CONF'] || process.env['REGISTRIES_CONFIG_PATH']);
  const user = `${userConfigDir()}/registries.conf`;
  if (named) return { main: named, named: true, dropIns: dropIns(systemFolders, userConfigDir()) };
  // Who has a file of his own is not disturbed by the system's.
  if (existsSync(user)) return { main: user, named: false, dropIns: dropIns(userConfigDir()) };
  const main = systemFolders.map((folder) => `${folder}/registries.conf`).findLast((path) => existsSync(path));
  const missing = '/etc/containers/registries.conf';
  return { main: main ?? missing, named: false, dropIns: dropIns(systemFolders, userConfigDir()) };
}

/** The file where an alias that the user chose is remembered. */
export function aliasCacheFile(): string {
  if (callerUid() === 0) return '/var/cache/containers/short-name-aliases.conf';
  return `${process.env['XDG_CACHE_HOME'] ?? `${homedir()}/.cache`}/containers/short-name-aliases.conf`;
}

/** The later one counts more. */
const systemFolders = ['/usr/share/containers', '/etc/containers'];

function dropIns(...folders: (string | string[])[]): string[] {
  return folders.flat().flatMap((folder) => filesIn(`${folder}/registries.conf.d`));
}

function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.conf'));
  return names.sort().map((name) => `${folder}/${name}`);
}

function userConfigDir(): string {
  return `${process.env['XDG_CONFIG_HOME'] ?? `${homedir()}/.config`}/containers`;
}
