/**
 * The part of undici that a registry needs: loading all of it would cost every pull 40 ms, most of it for fetch,
 * caches, cookies and mocks.
 */
import type { Agent, Dispatcher, EnvHttpProxyAgent } from 'undici';

/** What transport.ts sends: undici's `Dispatcher.RequestOptions` without what the dispatcher knows. */
export type SendOptions = Dispatcher.RequestOptions;

/** An agent for direct connections, or one that goes through the proxies of the environment. */
export async function openAgent(options: Agent.Options & EnvHttpProxyAgent.Options): Promise<Dispatcher> {
  const proxied = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'].some((name) => process.env[name]);
  if (proxied) {
    const { EnvHttpProxyAgent: Proxied } = await import('undici');
    return new Proxied(options);
  }
  const { default: Direct } = await import('undici/lib/dispatcher/agent.js');
  return new Direct(options);
}

/** Sends one request through an agent. */
export async function send(agent: Dispatcher, options: SendOptions): Promise<Dispatcher.ResponseData> {
  const { default: request } = await import('undici/lib/api/api-request.js');
  return request.call(agent, options);
}
