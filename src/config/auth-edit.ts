/** What `login` and `logout` change: the file with credentials, or the helpers that registries.conf names. */
import { existsSync } from 'node:fs';
import { messageOf, TspodError } from '../errors.ts';
import type { Credentials } from './auth.ts';
import { type AuthFile, readAuthFile, writablePath, writeAuthFile } from './auth-file.ts';
import { eraseInHelper, listHelper, storeInHelper } from './credential-helper.ts';
import { loadRegistriesConf } from './registries-conf.ts';

/** In `credential-helpers`: the files, not a program. */
export const filesHelper = 'containers-auth.json';

export interface AuthTarget {
  /** Default: the usual one. */
  authFile?: string | undefined;
  /** In the format of Docker: no namespaces, and Docker's name for its hub. */
  compat?: boolean | undefined;
  /** The registries.conf to read instead of the system's. */
  registriesConf?: string | undefined;
}

/**
 * Stores credentials in the first place that takes them.
 *
 * @returns the file, or the name of the helper
 * @throws TspodError BAD_ARGUMENT, BAD_CONFIG
 */
export function storeCredentials(key: string, credentials: Credentials, target: AuthTarget = {}): string {
  const reasons: string[] = [];
  for (const helper of helpersOf(target)) {
    try {
      return helper === filesHelper
        ? storeInFile(editedKey(key, target), credentials, target)
        : storeInHelper(helper, withoutNamespace(key, helper), credentials);
    } catch (error) {
      if (!(error instanceof TspodError)) throw error;
      reasons.push(error.message);
    }
  }
  const [only = ''] = reasons;
  throw new TspodError(
    'BAD_CONFIG',
    reasons.length === 1 ? only : `errors storing credentials:\n\t* ${reasons.join('\n\t* ')}`,
  );
}

/** Removes a key wherever `login` may have put it; false when it was nowhere. @throws TspodError */
export function removeCredentials(key: string, target: AuthTarget = {}): boolean {
  const isNamespaced = key.includes('/');
  let removed = false;
  for (const helper of helpersOf(target)) {
    if (helper === filesHelper) removed = removeFromFile(editedKey(key, target), target) || removed;
    else if (!isNamespaced) removed = eraseInHelper(helper, key) || removed;
  }
  return removed;
}

/** Removes every key from the places that `login` writes to. @throws TspodError */
export function removeAllCredentials(target: AuthTarget = {}): void {
  for (const helper of helpersOf(target)) {
    if (helper !== filesHelper) {
      for (const key of listHelper(helper)) eraseInHelper(helper, key);
      continue;
    }
    const path = writablePath(target.authFile);
    if (!existsSync(path)) continue;
    const file = readAuthFile(path) ?? {};
    for (const [key, program] of Object.entries(file.credHelpers ?? {})) eraseInHelper(program, key);
    writeAuthFile(path, { ...file, auths: {} });
  }
}

function storeInFile(key: string, credentials: Credentials, { authFile }: AuthTarget): string {
  const path = writablePath(authFile);
  const file: AuthFile = readAuthFile(path) ?? {};
  const helper = file.credHelpers?.[key];
  if (helper) return storeInHelper(helper, withoutNamespace(key, helper), credentials);
  const auth = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
  try {
    writeAuthFile(path, { ...file, auths: { ...file.auths, [key]: { auth } } });
  } catch (error) {
    throw new TspodError('NO_PERMISSION', `writing credentials to "${path}": ${messageOf(error)}`, { cause: error });
  }
  return path;
}

function removeFromFile(key: string, { authFile }: AuthTarget): boolean {
  const path = writablePath(authFile);
  const file = readAuthFile(path);
  if (!file) return false;
  const helper = file.credHelpers?.[key];
  const erased = helper ? eraseInHelper(helper, key) : false;
  if (!file.auths || !Object.hasOwn(file.auths, key)) return erased;
  const auths = Object.fromEntries(Object.entries(file.auths).filter(([name]) => name !== key));
  writeAuthFile(path, { ...file, auths });
  return true;
}

/** Docker knows nothing of registries.conf. */
function helpersOf(target: AuthTarget): string[] {
  const configured = isCompat(target) ? [] : loadRegistriesConf(target.registriesConf).credentialHelpers;
  return configured.length > 0 ? configured : [filesHelper];
}

function editedKey(key: string, target: AuthTarget): string {
  if (!isCompat(target)) return key;
  if (key.includes('/')) {
    throw new TspodError(
      'BAD_ARGUMENT',
      `Credentials cannot be recorded in Docker-compatible format with namespaced key "${key}"`,
    );
  }
  return key === 'docker.io' ? 'https://index.docker.io/v1/' : key;
}

function isCompat({ authFile, compat = false }: AuthTarget): boolean {
  const { REGISTRY_AUTH_FILE: file, DOCKER_CONFIG: docker } = process.env;
  return compat || (authFile === undefined && !file && Boolean(docker));
}

function withoutNamespace(key: string, helper: string): string {
  if (!key.includes('/')) return key;
  throw new TspodError('BAD_ARGUMENT', `namespaced key is not supported for credential helper ${helper}`);
}
