/** HTTP to one host over undici, with the TLS rules of that host. Knows no registry and no credentials. */
import type { SecureContext } from 'node:tls';
import type { Dispatcher } from 'undici';
import { loadCertificates } from '../config/certs.ts';
import { openAgent, send } from './http-client.ts';
import { isPlainHttpAnswer, isTransient, unreachable } from './network-error.ts';

export interface TransportOptions {
  /** Do not verify certificates, and fall back to plain HTTP. */
  insecure: boolean;
  certDir?: string | undefined;
  /** Known beforehand (a redirect, a token realm): no guessing. */
  scheme?: 'http' | 'https';
}

export interface HttpRequest {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  headers?: Record<string, string>;
  body?: string | Uint8Array | AsyncIterable<Uint8Array>;
  signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Dispatcher.ResponseData['body'];
  url: URL;
}

const connectTimeout = 30_000;
/** Longest silence of a server before a request counts as broken. */
const silence = 60_000;

export class Transport {
  readonly host: string;
  readonly #options: TransportOptions;
  #scheme: 'http' | 'https' | undefined;
  #dispatcher: Dispatcher | undefined;

  constructor(host: string, options: TransportOptions) {
    this.host = host;
    this.#options = options;
    this.#scheme = options.scheme ?? (options.insecure ? undefined : 'https');
  }

  get insecure(): boolean {
    return this.#options.insecure;
  }

  /**
   * Sends one request; a status is never an error here.
   *
   * @param path absolute path with the query
   * @throws TspodError UNREACHABLE, with the original error as its cause
   */
  async request(path: string, request: HttpRequest = {}): Promise<HttpResponse> {
    if (this.#scheme !== undefined) return this.#send(this.#scheme, path, request);
    try {
      const response = await this.#send('https', path, request);
      this.#scheme = 'https';
      return response;
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      if (!isPlainHttpAnswer(cause) && !isTransient(cause)) throw error;
      const response = await this.#send('http', path, request);
      this.#scheme = 'http';
      return response;
    }
  }

  /** Drops the connections, also those in use. */
  async close(): Promise<void> {
    await this.#dispatcher?.destroy();
    this.#dispatcher = undefined;
  }

  async #send(scheme: 'http' | 'https', path: string, request: HttpRequest): Promise<HttpResponse> {
    this.#dispatcher ??= await this.#open();
    const url = new URL(path, `${scheme}://${this.host}`);
    try {
      const { statusCode, headers, body } = await send(this.#dispatcher, {
        origin: url.origin,
        path: url.pathname + url.search,
        method: request.method ?? 'GET',
        headers: { 'user-agent': 'tspod/0.1', ...request.headers },
        body: (request.body ?? null) as never,
        ...(request.signal ? { signal: request.signal } : {}),
        headersTimeout: silence,
        bodyTimeout: silence,
      });
      return { status: statusCode, headers, body, url };
    } catch (error) {
      throw unreachable(this.host, `${scheme}://${this.host}/v2/`, error);
    }
  }

  async #open(): Promise<Dispatcher> {
    const connect = {
      timeout: connectTimeout,
      rejectUnauthorized: !this.#options.insecure,
      ...(this.#scheme === 'http' ? {} : { secureContext: await this.#secureContext() }),
    };
    return openAgent({ connect, requestTls: connect, connections: 8, pipelining: 1, allowH2: false });
  }

  /** One context for all connections: parsing the system's bundle takes 30 ms. */
  async #secureContext(): Promise<SecureContext> {
    const { createSecureContext } = await import('node:tls');
    const { insecure, certDir } = this.#options;
    const { ca, cert, key } = loadCertificates(this.host, { certDir, authorities: !insecure });
    const pair = cert !== undefined && key !== undefined ? { cert, key } : {};
    return createSecureContext({ ...(ca.length > 0 ? { ca } : {}), ...pair });
  }
}
