/** Credentials for registries: auth.json and its relatives, and credential helpers. */
import { type AuthEntry, type AuthFile, readAuthFile, readablePaths } from './auth-file.ts';
import { askHelper } from './credential-helper.ts';
import { loadRegistriesConf } from './registries-conf.ts';

export interface Credentials {
  username: string;
  password: string;
  /** OAuth2 refresh token, in place of user and password. */
  identityToken?: string;
}

/**
 * The credentials for a repository, most specific key first, or null.
 *
 * @param repository `HOST/NAMESPACE/NAME` or just `HOST`
 * @param authFile the only file to look at (`--authfile`, `REGISTRY_AUTH_FILE`)
 * @param registriesConf where `credential-helpers` are named, when it is not the system's
 * @throws TspodError BAD_CONFIG naming a file that is no JSON, or a helper that does not work
 */
export function findCredentials(repository: string, authFile?: string, registriesConf?: string): Credentials | null {
  const host = repository.split('/')[0] ?? repository;
  const { credentialHelpers } = loadRegistriesConf(registriesConf);
  for (const helper of credentialHelpers.length > 0 ? credentialHelpers : ['containers-auth.json']) {
    const isFiles = helper === 'containers-auth.json';
    const found = isFiles ? inFiles(repository, host, authFile) : askHelper(helper, host);
    if (found) return found;
  }
  return null;
}

function inFiles(repository: string, host: string, authFile: string | undefined): Credentials | null {
  for (const path of readablePaths(authFile)) {
    const file = readAuthFile(path);
    if (!file) continue;
    const helper = file.credHelpers?.[host];
    const found = helper ? askHelper(helper, host) : lookUp(file, repository);
    if (found) return found;
  }
  return null;
}

function lookUp(file: AuthFile, repository: string): Credentials | null {
  const auths = file.auths ?? {};
  for (let key = repository; key !== ''; key = key.includes('/') ? key.slice(0, key.lastIndexOf('/')) : '') {
    const entry = auths[key];
    if (entry) return decode(entry);
  }
  const host = dockerHost(repository.split('/')[0] ?? '');
  const entry = Object.entries(auths).find(([key]) => dockerHost(hostOfKey(key)) === host && !key.includes('/', 9));
  const legacy =
    entry ?? Object.entries(auths).find(([key]) => /^https?:/.test(key) && dockerHost(hostOfKey(key)) === host);
  return legacy ? decode(legacy[1]) : null;
}

/** Keys may be URLs of old Docker versions: `https://index.docker.io/v1/`. */
function hostOfKey(key: string): string {
  return key.replace(/^https?:\/\//, '').split('/')[0] ?? key;
}

function dockerHost(host: string): string {
  return host === 'docker.io' || host === 'registry-1.docker.io' ? 'index.docker.io' : host;
}

function decode(entry: AuthEntry): Credentials | null {
  const [username = '', ...rest] = Buffer.from(typeof entry.auth === 'string' ? entry.auth : '', 'base64')
    .toString('utf8')
    .split(':');
  const password = rest.join(':').replace(/\0+$/, '');
  if (entry.identitytoken) return { username, password, identityToken: entry.identitytoken };
  return username === '' ? null : { username, password };
}
