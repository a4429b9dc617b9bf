/** Credentials for registries: auth.json and its relatives, and credential helpers. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { messageOf, TspodError } from '../errors.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { askHelper } from './credential-helper.ts';
import { callerUid } from './rootless.ts';

export interface Credentials {
  username: string;
  password: string;
  /** OAuth2 refresh token, in place of user and password. */
  identityToken?: string;
}

interface AuthEntry {
  auth?: string;
  identitytoken?: string;
}

interface AuthFile {
  auths?: Record<string, AuthEntry>;
  credHelpers?: Record<string, string>;
  [other: string]: unknown;
}

/**
 * The credentials for a repository, most specific key first, or null.
 *
 * @param repository `HOST/NAMESPACE/NAME` or just `HOST`
 * @param authFile the only file to look at (`--authfile`, `REGISTRY_AUTH_FILE`)
 * @throws TspodError BAD_CONFIG naming a file that is no JSON
 */
export function findCredentials(repository: string, authFile?: string): Credentials | null {
  const host = repository.split('/')[0] ?? repository;
  for (const path of readablePaths(authFile)) {
    const file = readAuthFile(path);
    if (!file) continue;
    const helper = file.credHelpers?.[host];
    const found = helper ? askHelper(helper, host) : lookUp(file, repository);
    if (found) return found;
  }
  return null;
}

/** Stores credentials in the first file of the list, mode 0600. Returns its path. */
export function storeCredentials(key: string, credentials: Credentials, authFile?: string): string {
  const path = writablePath(authFile);
  const file = readAuthFile(path) ?? {};
  const auth = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  writeAuthFile(path, { ...file, auths: { ...file.auths, [key]: { auth } } });
  return path;
}

/** Removes a key from the file that `login` writes; false when it was not there. */
export function removeCredentials(key: string, authFile?: string): boolean {
  const path = writablePath(authFile);
  const file = readAuthFile(path);
  if (!file?.auths || !(key in file.auths)) return false;
  const auths = Object.fromEntries(Object.entries(file.auths).filter(([name]) => name !== key));
  writeAuthFile(path, { ...file, auths });
  return true;
}

/** Removes every key from the file that `login` writes. */
export function removeAllCredentials(authFile?: string): void {
  const path = writablePath(authFile);
  if (existsSync(path)) writeAuthFile(path, { ...readAuthFile(path), auths: {} });
}

/** The file that `login` and `logout` change. */
export function writablePath(authFile?: string): string {
  const docker = process.env['DOCKER_CONFIG'];
  return authFile ?? process.env['REGISTRY_AUTH_FILE'] ?? (docker ? `${docker}/config.json` : runtimeAuthFile());
}

function readablePaths(authFile?: string): string[] {
  const only = authFile ?? process.env['REGISTRY_AUTH_FILE'];
  if (only) return [only];
  // Who sets DOCKER_CONFIG means that folder and no other, as with Podman.
  const docker = process.env['DOCKER_CONFIG'];
  if (docker) return [`${docker}/config.json`];
  const home = homedir();
  const config = process.env['XDG_CONFIG_HOME'] ?? `${home}/.config`;
  return [runtimeAuthFile(), `${config}/containers/auth.json`, `${home}/.docker/config.json`, `${home}/.dockercfg`];
}

function runtimeAuthFile(): string {
  const runtime = process.env['XDG_RUNTIME_DIR'];
  if (runtime) return `${runtime}/containers/auth.json`;
  return `/run/containers/${callerUid()}/auth.json`;
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
  const [username = '', ...rest] = Buffer.from(entry.auth ?? '', 'base64')
    .toString('utf8')
    .split(':');
  const password = rest.join(':').replace(/\0+$/, '');
  if (entry.identitytoken) return { username, password, identityToken: entry.identitytoken };
  return username === '' ? null : { username, password };
}

function readAuthFile(path: string): AuthFile | null {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch {
    return null;
  }
  if (content.trim() === '') return {};
  try {
    const parsed: unknown = JSON.parse(content);
    if (typeof parsed !== 'object' || parsed === null) throw new Error('no JSON object');
    const legacy = path.endsWith('/.dockercfg');
    return legacy ? { auths: parsed as Record<string, AuthEntry> } : (parsed as AuthFile);
  } catch (error) {
    throw new TspodError('BAD_CONFIG', `reading JSON file "${path}": ${messageOf(error)}`, { cause: error });
  }
}

function writeAuthFile(path: string, file: AuthFile): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileAtomic(path, `${JSON.stringify(file, null, '\t')}`, { mode: 0o600 });
}
