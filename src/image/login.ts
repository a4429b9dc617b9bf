/** Checking, storing and removing credentials of registries. */
import { type Credentials, findCredentials } from '../config/auth.ts';
import { type AuthTarget, removeAllCredentials, removeCredentials, storeCredentials } from '../config/auth-edit.ts';
import { loadRegistriesConf } from '../config/registries-conf.ts';
import { TspodError } from '../errors.ts';
import { checkCredentials } from '../registry/check-credentials.ts';
import { endpointsFor } from '../registry/endpoint.ts';
import { parseDocker, type Reference } from '../registry/reference.ts';
import type { ImageContext } from './context.ts';
import { clientFor, type RemoteOptions } from './open-source.ts';

/** What credentials are stored under: a host, or a repository of it. @throws TspodError BAD_ARGUMENT */
export function credentialKey(context: ImageContext, registry: string | undefined): string {
  if (registry) return checkedKey(registry.replace(/^https?:\/\/([^/]*).*$/, '$1').replace(/\/+$/, ''));
  const [first] = loadRegistriesConf(context.systemContext?.registriesConf).searchRegistries;
  if (first) return first;
  throw new TspodError('BAD_ARGUMENT', 'no registries found in registries.conf, a registry must be provided');
}

/** A repository, but not one image of it. */
function checkedKey(key: string): string {
  if (!key.includes('/')) return key;
  const { tag, digest } = parseDocker(key);
  if (tag === '' && digest === '') return key;
  throw new TspodError('BAD_ARGUMENT', `reference "${key}" contains tag or digest`);
}

/** @returns where the credentials are now. @throws TspodError UNAUTHORIZED, UNREACHABLE, REGISTRY */
export async function login(
  context: ImageContext,
  key: string,
  credentials: Credentials,
  options: RemoteOptions & { target?: AuthTarget },
): Promise<string> {
  if (!(await areValid(context, key, credentials, options))) {
    throw new TspodError('UNAUTHORIZED', `logging into "${key}": invalid username/password`);
  }
  return storeCredentials(key, credentials, options.target ?? { authFile: options.authFile });
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

/**
 * Forgets credentials.
 *
 * @returns what to tell the user
 * @throws TspodError UNAUTHORIZED when there are none
 */
export async function logout(context: ImageContext, key: string, target: AuthTarget): Promise<string> {
  if (removeCredentials(key, target)) return `Removed login credentials for ${key}`;
  const other = findCredentials(key, target.authFile);
  if (!other?.password || !(await areValid(context, key, other, {}))) {
    throw new TspodError('UNAUTHORIZED', `not logged into ${key}`);
  }
  return `Not logged into ${key} with current tool. Existing credentials were established via docker login. Please use docker logout instead.`;
}

export function logoutAll(target: AuthTarget): void {
  removeAllCredentials(target);
}
