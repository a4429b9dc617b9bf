/** Programs named `docker-credential-NAME` that keep credentials elsewhere. */
import { execFileSync } from 'node:child_process';
import { messageOf, TspodError } from '../errors.ts';
import type { Credentials } from './auth.ts';

const timeout = 30_000;

/**
 * Asks a helper for the credentials of a host; null when it has none.
 *
 * @throws TspodError BAD_CONFIG when the helper is missing or says something else
 */
export function askHelper(name: string, host: string): Credentials | null {
  if (!/^[A-Za-z0-9_.-]+$/.test(name)) throw new TspodError('BAD_CONFIG', `invalid credential helper name "${name}"`);
  const program = `docker-credential-${name}`;
  const server = host === 'docker.io' ? 'https://index.docker.io/v1/' : host;
  try {
    const text = execFileSync(program, ['get'], {
      input: server,
      timeout,
      stdio: ['pipe', 'pipe', 'ignore'],
    }).toString();
    return parse(text);
  } catch (error) {
    const said = String((error as { stdout?: unknown }).stdout ?? '');
    if (/credentials not found/i.test(said)) return null;
    throw new TspodError('BAD_CONFIG', `error getting credentials from ${program}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function parse(text: string): Credentials | null {
  const { Username, Secret } = JSON.parse(text) as { Username?: unknown; Secret?: unknown };
  if (typeof Username !== 'string' || typeof Secret !== 'string') return null;
  if (Username === '<token>') return { username: '', password: '', identityToken: Secret };
  return { username: Username, password: Secret };
}
