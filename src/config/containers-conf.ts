/**
 * containers.conf as Podman 5.8 merges it: built-in defaults, then each file of `containersConfFiles`, key by key; an
 * array replaces the earlier one unless it ends with `{append=true}`.
 */
import { TspodError } from '../errors.ts';
import { type ContainersConf, defaultContainersConf } from './containers-conf-defaults.ts';
import { type ConfigFileOptions, containersConfFiles } from './containers-conf-files.ts';
import { mergeContainersConf } from './containers-conf-merge.ts';
import { readToml } from './toml.ts';

export type { ContainersConf } from './containers-conf-defaults.ts';

/**
 * Reads and merges all files.
 * @throws BAD_CONFIG naming the file, or the key whose value is not allowed.
 */
export function loadContainersConf(options: ConfigFileOptions = {}): ContainersConf {
  const conf = defaultContainersConf();
  for (const file of containersConfFiles(options)) {
    const toml = readToml(file.path);
    if (toml) mergeContainersConf(conf, toml, file.path);
  }
  conf.containers.defaultCapabilities = conf.containers.defaultCapabilities.map(withPrefix);
  validate(conf);
  return conf;
}

function withPrefix(capability: string): string {
  const upper = capability.toUpperCase();
  return upper.startsWith('CAP_') || upper === 'ALL' ? upper : `CAP_${upper}`;
}

/** Values below one page make no sense for a log (Podman's OCIBufSize). */
const smallestLog = 8192;

function validate({ containers }: ContainersConf): void {
  const { umask, logPath, logSizeMax, interfaceName } = containers;
  if (umask && !/^[0-7]{1,4}$/.test(umask)) throw new TspodError('BAD_CONFIG', `not a valid umask ${umask}`);
  if (logPath && !logPath.startsWith('/')) {
    throw new TspodError('BAD_CONFIG', `log_path must be an absolute path - instead got "${logPath}"`);
  }
  if (logSizeMax >= 0 && logSizeMax < smallestLog) {
    throw new TspodError('BAD_CONFIG', `log size max should be negative or >= ${smallestLog}`);
  }
  if (interfaceName && interfaceName !== 'device') {
    throw new TspodError('BAD_CONFIG', `invalid interface_name option ${interfaceName}`);
  }
}
