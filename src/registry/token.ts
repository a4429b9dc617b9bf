/** Bearer tokens: distribution's token specification, with its OAuth2 form for identity tokens. */

import type { Credentials } from '../config/auth.ts';
import { TspodError } from '../errors.ts';
import { parseBoundedJson } from '../oci/bounded-json.ts';
import type { Challenge } from './challenge.ts';
import { readBody } from './read-body.ts';
import { registryError } from './registry-error.ts';
import { type HttpResponse, Transport } from './transport.ts';

export interface TokenRequest {
  challenge: Challenge;
  /** `repository:NAME:pull` and so on; several with spaces between them. */
  scope: string;
  credentials: Credentials | null;
  /** The registry that asked: its host may use plain HTTP for tokens too when it is insecure. */
  transport: Transport;
}

const tokenLimit = 256 * 1024;

/**
 * Gets a token from the realm of a challenge.
 *
 * The realm comes from the network: only https is followed, or http on the host of an insecure registry.
 *
 * @throws TspodError UNAUTHORIZED, REGISTRY or UNREACHABLE
 */
export async function fetchToken(request: TokenRequest): Promise<string> {
  const realm = realmUrl(request);
  const same = realm.host === request.transport.host;
  const scheme = realm.protocol === 'http:' ? 'http' : 'https';
  const transport = new Transport(realm.host, { insecure: same && request.transport.insecure, scheme });
  try {
    const response = await ask(transport, realm, request);
    if (response.status !== 200) throw await registryError('unable to retrieve auth token', response);
    return tokenIn(await readBody(response.body, tokenLimit), realm);
  } finally {
    await transport.close();
  }
}

function realmUrl({ challenge, transport }: TokenRequest): URL {
  const realm = URL.parse(challenge.realm);
  const plain = realm?.protocol === 'http:' && transport.insecure && realm.hostname === hostname(transport.host);
  if (realm?.username !== '' || (realm.protocol !== 'https:' && !plain)) {
    const shown = JSON.stringify(challenge.realm.slice(0, 200));
    throw new TspodError('REGISTRY', `registry ${transport.host} names an unusable token server: ${shown}`);
  }
  return realm;
}

function ask(transport: Transport, realm: URL, request: TokenRequest): Promise<HttpResponse> {
  const { challenge, scope, credentials } = request;
  const query = new URLSearchParams(realm.search);
  if (challenge.service) query.set('service', challenge.service);
  for (const one of scope.split(' ')) if (one !== '') query.append('scope', one);
  if (credentials?.identityToken) {
    query.set('grant_type', 'refresh_token');
    query.set('refresh_token', credentials.identityToken);
    query.set('client_id', 'tspod');
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return transport.request(realm.pathname, { method: 'POST', headers, body: query.toString() });
  }
  const headers: Record<string, string> = {};
  if (credentials) {
    query.set('account', credentials.username);
    headers['authorization'] = basicHeader(credentials);
  }
  return transport.request(`${realm.pathname}?${query}`, { headers });
}

/** The value of an `Authorization` header for a user and password. */
export function basicHeader({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function tokenIn(answer: Buffer | null, realm: URL): string {
  let token: unknown;
  try {
    const body = parseBoundedJson(answer?.toString('utf8') ?? '') as { token?: unknown; access_token?: unknown };
    token = body.token ?? body.access_token;
  } catch {
    token = undefined;
  }
  // A token goes into a header: nothing but visible ASCII may come out of it.
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new TspodError('REGISTRY', `unable to retrieve auth token: no usable token in the answer of ${realm.host}`);
}

function hostname(host: string): string {
  return URL.parse(`http://${host}`)?.hostname ?? host;
}
