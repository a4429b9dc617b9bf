/** Which containers.conf files count, in the order in which they are merged (containers.conf(5)). */
import { existsSync, readdirSync } from 'node:fs';
import { hasErrno, TspodError } from '../errors.ts';
import { callerUid } from './rootless.ts';

export interface ConfigFileOptions {
  /** --module: absolute, or relative to the folders `containers.conf.modules`. */
  modules?: string[];
  env?: NodeJS.ProcessEnv;
  /** Numeric id of the user; 0 takes no account of the home folder's rootless overrides. */
  uid?: number;
  /** Stands before /usr and /etc: for tests. */
  prefix?: string;
}

export interface ConfigFile {
  path: string;
}

export function containersConfFiles(options: ConfigFileOptions = {}): ConfigFile[] {
  const env = options.env ?? process.env;
  const paths = [
    ...systemFiles(options, env),
    ...(options.modules ?? []).map((name) => modulePath(name, options, env)),
  ];
  const override = env['CONTAINERS_CONF_OVERRIDE'];
  if (override) paths.push(override);
  return paths.map((path) => ({ path }));
}

function systemFiles(options: ConfigFileOptions, env: NodeJS.ProcessEnv): string[] {
  const only = env['CONTAINERS_CONF'];
  if (only) {
    if (existsSync(only)) return [only];
    throw new TspodError('BAD_CONFIG', `CONTAINERS_CONF file: stat ${only}: no such file or directory`);
  }
  const prefix = options.prefix ?? '';
  const etc = `${prefix}/etc/containers/containers.conf`;
  const uid = options.uid ?? callerUid(env);
  const paths = [`${prefix}/usr/share/containers/containers.conf`, etc, ...confFilesIn(`${etc}.d`)];
  if (uid > 0) {
    const rootless = `${prefix}/etc/containers/containers.rootless.conf`;
    paths.push(rootless, ...confFilesIn(`${rootless}.d`), ...confFilesIn(`${rootless}.d/${uid}`));
  }
  const home = homeConfig(env);
  return home ? [...paths, home, ...confFilesIn(`${home}.d`)] : paths;
}

function homeConfig(env: NodeJS.ProcessEnv): string | null {
  const folder = env['XDG_CONFIG_HOME'] || (env['HOME'] ? `${env['HOME']}/.config` : '');
  return folder ? `${folder}/containers/containers.conf` : null;
}

function confFilesIn(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const names = entries.filter((entry) => !entry.isDirectory() && entry.name.endsWith('.conf')).map((e) => e.name);
    return names.sort().map((name) => `${folder}/${name}`);
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  }
}

/**
 * Where a module of --module is.
 * @throws TspodError BAD_CONFIG when it is nowhere
 */
export function modulePath(name: string, options: ConfigFileOptions = {}, env = process.env): string {
  if (name.startsWith('/')) {
    if (existsSync(name)) return name;
    throw new TspodError(
      'BAD_CONFIG',
      `could not resolve module "${name}": faccessat ${name}: no such file or directory`,
    );
  }
  const prefix = options.prefix ?? '';
  const home = homeConfig(env);
  const folders = [
    ...(home ? [`${home}.modules`] : []),
    `${prefix}/etc/containers/containers.conf.modules`,
    `${prefix}/usr/share/containers/containers.conf.modules`,
  ];
  const found = folders.map((folder) => `${folder}/${name}`).find((path) => existsSync(path));
  if (found) return found;
  throw new TspodError('BAD_CONFIG', `could not resolve module "${name}": ${folders.length} errors occurred:`, {
    hint: folders.map((folder) => `\t* faccessat ${folder}/${name}: no such file or directory`).join('\n'),
  });
}
