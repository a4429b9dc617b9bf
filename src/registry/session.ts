/**
 * A conversation with one registry about one repository: answers its challenges, follows redirects without handing
 * credentials to other hosts, and tries again when it is busy or the connection broke.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Credentials } from '../config/auth.ts';
import { hasCode, messageOf, TspodError } from '../errors.ts';
import { parseChallenge } from './challenge.ts';
import { isTransient } from './network-error.ts';
import { registryError } from './registry-error.ts';
import { basicHeader, fetchToken } from './token.ts';
import { type HttpRequest, type HttpResponse, Transport } from './transport.ts';

export interface SessionOptions {
  /** API host with its port, for example `registry-1.docker.io`. */
  host: string;
  /** Asked for in tokens, for example `repository:library/nginx:pull`; '' for none. */
  scope: string;
  insecure: boolean;
  credentials: Credentials | null;
  certDir?: string | undefined;
  /** Tries after the first one, default 3. */
  retry?: number | undefined;
  /** Milliseconds before each further try. Default: 1000, doubled with every try. */
  retryDelay?: number | undefined;
  /** Told before a wait: what failed, and when it is tried again. */
  onRetry?: ((retry: Retry) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** A bearer token that the user has; challenges are not answered then. */
  registryToken?: string | undefined;
}

export interface Retry {
  reason: string;
  /** Number of the next try, from 1. */
  attempt: number;
  tries: number;
  /** Milliseconds. */
  delay: number;
}

const maxRedirects = 5;
const maxWait = 60_000;

export class Session {
  readonly options: SessionOptions;
  readonly #transports = new Map<string, Transport>();
  #authorization: Promise<string> | string | undefined;

  constructor(options: SessionOptions) {
    this.options = options;
    const { registryToken } = options;
    if (registryToken === undefined) return;
    // It goes into a header: nothing but visible ASCII may be in it.
    if (!/^[\x21-\x7e]+$/.test(registryToken)) throw new TspodError('BAD_ARGUMENT', 'invalid registry token');
    this.#authorization = `Bearer ${registryToken}`;
  }

  /** Tries after the first one. */
  get retries(): number {
    return this.options.retry ?? 3;
  }

  /**
   * Sends a request, as often as it takes; any status but 401, 429, 5xx and redirects is the caller's to judge, and
   * those too when nothing more can be done about them.
   *
   * @throws TspodError UNREACHABLE, UNAUTHORIZED or REGISTRY
   */
  async send(path: string, request: HttpRequest = {}): Promise<HttpResponse> {
    const replayable =
      request.body === undefined || typeof request.body === 'string' || request.body instanceof Uint8Array;
    const tries = replayable ? this.retries : 0;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const response = await this.#authorized(path, request);
        if (attempt >= tries || !isBusy(response.status)) return response;
        const reason = messageOf(await registryError(`${request.method ?? 'GET'} ${this.options.host}`, response));
        await this.pause(attempt, reason, retryAfter(response));
      } catch (error) {
        if (attempt >= tries || !isRetryable(error)) throw error;
        await this.pause(attempt, messageOf(error));
      }
    }
  }

  /** Waits before the next try. */
  async pause(attempt: number, reason: string, atLeast = 0): Promise<void> {
    const { signal, retryDelay, onRetry } = this.options;
    const wanted = retryDelay ?? 1000 * 2 ** attempt;
    const delay = Math.min(Math.max(wanted, atLeast), maxWait);
    onRetry?.({ reason, attempt: attempt + 1, tries: this.retries, delay });
    await sleep(delay, undefined, signal ? { signal } : {});
  }

  async close(): Promise<void> {
    await Promise.all([...this.#transports.values()].map((transport) => transport.close()));
    this.#transports.clear();
  }

  async #authorized(path: string, request: HttpRequest): Promise<HttpResponse> {
    const used = this.#authorization;
    const response = await this.#follow(path, request, await used);
    if (response.status !== 401 || this.options.registryToken !== undefined) return response;
    const challenge = parseChallenge(response.headers['www-authenticate']);
    if (!challenge || response.url.host !== this.options.host) return response;
    if (challenge.scheme === 'basic' && (!this.options.credentials || used !== undefined)) return response;
    await response.body.dump();
    // Requests run side by side: the first one that was refused gets the token for all.
    if (this.#authorization === used) this.#authorization = this.#answer(challenge);
    return this.#follow(path, request, await this.#authorization);
  }

  async #answer(challenge: NonNullable<ReturnType<typeof parseChallenge>>): Promise<string> {
    const { credentials, scope } = this.options;
    if (challenge.scheme === 'basic') return credentials ? basicHeader(credentials) : '';
    const transport = this.#transport(this.options.host);
    try {
      return `Bearer ${await fetchToken({ challenge, scope: scope || challenge.scope, credentials, transport })}`;
    } catch (error) {
      this.#authorization = undefined;
      throw error;
    }
  }

  async #follow(path: string, request: HttpRequest, authorization: string | undefined): Promise<HttpResponse> {
    const { host } = this.options;
    const headers = authorization ? { ...request.headers, authorization } : { ...request.headers };
    let response = await this.#transport(host).request(path, { ...request, headers, signal: this.options.signal });
    for (let hops = 0; isRedirect(response.status); hops += 1) {
      const target = URL.parse(String(response.headers['location'] ?? ''), response.url.href);
      await response.body.dump();
      if (!target || hops === maxRedirects)
        throw refused(host, target ? 'too many redirects' : 'a redirect to nowhere');
      const leaving = target.origin !== response.url.origin;
      if (leaving) this.#checkRedirect(response.url, target);
      const kept = leaving || response.url.host !== host ? withoutCredentials(request.headers) : headers;
      const transport =
        leaving || target.host !== host ? this.#transport(target.host, target.protocol) : this.#transport(host);
      const next = { ...request, headers: kept, signal: this.options.signal };
      response = await transport.request(target.pathname + target.search, next);
    }
    return response;
  }

  #checkRedirect(from: URL, to: URL): void {
    const downgrade = from.protocol === 'https:' && to.protocol !== 'https:';
    if (to.protocol !== 'https:' && to.protocol !== 'http:') throw refused(from.host, `a redirect to ${to.protocol}`);
    if (downgrade && !this.options.insecure) throw refused(from.host, 'a redirect from https to http');
  }

  #transport(host: string, protocol?: string): Transport {
    const key = `${protocol ?? ''}//${host}`;
    const known = this.#transports.get(key);
    if (known) return known;
    const own = host === this.options.host;
    const transport = new Transport(host, {
      insecure: this.options.insecure,
      ...(own ? { certDir: this.options.certDir } : {}),
      ...(protocol === undefined ? {} : { scheme: protocol === 'http:' ? 'http' : 'https' }),
    });
    this.#transports.set(key, transport);
    return transport;
  }
}

function withoutCredentials(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^(authorization|cookie)$/i.test(name)));
}

function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308;
}

function isBusy(status: number): boolean {
  return status === 429 || (status >= 500 && status !== 501);
}

function isRetryable(error: unknown): boolean {
  return hasCode(error, 'UNREACHABLE') && isTransient(error.cause);
}

/** Milliseconds of a `Retry-After` header: seconds or a date. */
function retryAfter(response: HttpResponse): number {
  const value = String(response.headers['retry-after'] ?? '');
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

function refused(host: string, what: string): TspodError {
  return new TspodError('REGISTRY', `registry ${host} answered with ${what}`);
}
