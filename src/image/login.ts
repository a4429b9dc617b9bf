/** Checking, storing and removing credentials of registries. */
import {
  type Credentials,
  findCredentials,
  removeAllCredentials,
  removeCredentials,
  storeCredentials,
} from '../config/auth.ts';
import { loadRegistriesConf } from '../config/registries-conf.ts';
import { TspodError } from '../errors.ts';
import { checkCredentials } from '../registry/check-credentials.ts';
import { endpointsFor } from '../registry/endpoint.ts';
import type { Reference } from '../registry/reference.ts';
import type { ImageContext } from './context.ts';
import { clientFor, type RemoteOptions } from './open-source.ts';

/** What credentials are stored under: a host, or a repository of it. @throws TspodError BAD_ARGUMENT */
export function credentialKey(context: ImageContext, registry: string | undefined): string {
  if (registry) return registry.replace(/^https?:\/\/([^/]*).*$/, '$1').replace(/\/+$/, '');
  const [first] = loadRegistriesConf(context.systemContext?.registriesConf).searchRegistries;
  if (first) return first;
  throw new TspodError('BAD_ARGUMENT', 'no registries found in registries.conf, a registry must be provided');
}

/** @throws TspodError UNAUTHORIZED, UNREACHABLE, REGISTRY */
export async function login(
  context: ImageContext,
  key: string,
  credentials: Credentials,
  options: RemoteOptions,
): Promise<void> {
  if (!(await areValid(context, key, credentials, options))) {
    throw new TspodError('UNAUTHORIZED', `logging into "${key}": invalid username/password`);
  }
  storeCredentials(key, credentials, options.authFile);
}

/** Whether the registry takes the credentials. @throws TspodError UNREACHABLE, REGISTRY */
export async function areValid(
  context: ImageContext,
  key: string,
  credentials: Credentials,
  options: RemoteOptions,
): Promise<boolean> {
  const system = { ...context.systemContext, ...options, credentials };
  const reference: Reference = { domain: key.split('/')[0] ?? key, path: '', tag: '', digest: '' };
  const conf = loadRegistriesConf(system.registriesConf);
  const insecure = endpointsFor(conf, { ...reference, path: 'x' }).at(-1)?.insecure ?? false;
  const client = clientFor({ reference, insecure, mirror: false }, reference, system);
  try {
    return await checkCredentials(client.session);
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    throw new TspodError(error.code, `authenticating creds for "${key}": ${error.message}`, { cause: error });
  } finally {
    await client.close();
  }
}

/** The user who is logged in. @throws TspodError UNAUTHORIZED */
export function loggedInUser(key: string, authFile?: string): string {
  const credentials = findCredentials(key, authFile);
  if (!credentials?.username) throw new TspodError('UNAUTHORIZED', `not logged into ${key}`);
  return credentials.username;
}

/** @throws TspodError UNAUTHORIZED when there is nothing to remove */
export function logout(key: string, authFile?: string): void {
  if (!removeCredentials(key, authFile)) throw new TspodError('UNAUTHORIZED', `not logged into ${key}`);
}

export function logoutAll(authFile?: string): void {
  removeAllCredentials(authFile);
}
