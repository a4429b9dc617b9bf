/** Programs named `docker-credential-NAME` that keep credentials elsewhere (docker-credential-helpers' protocol). */
import { execFileSync } from 'node:child_process';
import { messageOf, TspodError } from '../errors.ts';
import type { Credentials } from './auth.ts';

const timeout = 30_000;
const dockerHub = 'https://index.docker.io/v1/';

/**
 * Asks a helper for the credentials of a host; null when it has none.
 *
 * @throws TspodError BAD_CONFIG when the helper is missing or says something else
 */
export function askHelper(name: string, host: string): Credentials | null {
  const own = get(name, host);
  return own === null && host === 'docker.io' ? get(name, dockerHub) : own;
}

/** @returns what holds the credentials now. @throws TspodError BAD_CONFIG */
export function storeInHelper(name: string, host: string, { username, password }: Credentials): string {
  const input = JSON.stringify({ ServerURL: host, Username: username, Secret: password });
  if (call(name, 'store', input) === null) throw failed(name, 'store', 'it knows no such credentials');
  return `credential helper: ${name}`;
}

/** False when it had none. @throws TspodError BAD_CONFIG */
export function eraseInHelper(name: string, host: string): boolean {
  return get(name, host) !== null && call(name, 'erase', host) !== null;
}

/** The hosts that it has credentials for. @throws TspodError BAD_CONFIG */
export function listHelper(name: string): string[] {
  return Object.keys(objectIn(name, 'list', call(name, 'list', '') ?? '{}'));
}

function get(name: string, host: string): Credentials | null {
  const text = call(name, 'get', host);
  if (text === null) return null;
  const { Username, Secret } = objectIn(name, 'get', text);
  if (typeof Username !== 'string' || typeof Secret !== 'string') return null;
  if (Username === '<token>') return { username: '', password: '', identityToken: Secret };
  return { username: Username, password: Secret };
}

/** What it prints; null when it says that there are no such credentials. */
function call(name: string, verb: 'get' | 'store' | 'erase' | 'list', input: string): string | null {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw new TspodError('BAD_CONFIG', `invalid credential helper name "${name}"`);
  try {
    const stdio = ['pipe', 'pipe', 'ignore'] satisfies ('pipe' | 'ignore')[];
    return execFileSync(`docker-credential-${name}`, [verb], { input, timeout, stdio }).toString();
  } catch (error) {
    const said = String((error as { stdout?: unknown }).stdout ?? '');
    if (/credentials not found/i.test(said)) return null;
    throw failed(name, verb, said.trim().split('\n')[0] || messageOf(error), error);
  }
}

function objectIn(name: string, verb: string, text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below: what it printed may be a secret.
  }
  throw failed(name, verb, 'its answer is no JSON object');
}

const doing: Record<string, string> = { get: 'getting', store: 'storing', erase: 'erasing', list: 'listing' };

function failed(name: string, verb: string, reason: string, cause?: unknown): TspodError {
  return new TspodError('BAD_CONFIG', `error ${doing[verb]} credentials from docker-credential-${name}: ${reason}`, {
    cause,
  });
}
