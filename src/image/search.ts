/** Searching registries: Docker Hub by its index, others by their catalog. */

import { loadRegistriesConf } from '../config/registries-conf.ts';
import { TspodError } from '../errors.ts';
import { parseBoundedJson } from '../oci/bounded-json.ts';
import { endpointsFor } from '../registry/endpoint.ts';
import { readBody } from '../registry/read-body.ts';
import { isShort, parseDocker, parseReference, type Reference, repositoryOf } from '../registry/reference.ts';
import { registryError } from '../registry/registry-error.ts';
import { listRepositories, listTags } from '../registry/tags.ts';
import type { ImageContext } from './context.ts';
import { clientFor, type RemoteOptions } from './open-source.ts';

export interface SearchResult {
  Index: string;
  Name: string;
  Description: string;
  Stars: number;
  Official: string;
  Automated: string;
}

export interface SearchOptions extends RemoteOptions {
  /** Default 25. */
  limit?: number;
}

const answerLimit = 8 * 1024 * 1024;

/** @throws TspodError of the first registry that fails */
export async function searchImages(
  context: ImageContext,
  term: string,
  options: SearchOptions,
): Promise<SearchResult[]> {
  const system = { ...context.systemContext, ...options };
  const conf = loadRegistriesConf(system.registriesConf);
  const { host, rest } = splitTerm(term);
  const hosts = host === '' ? conf.searchRegistries : [host];
  if (hosts.length === 0)
    throw new TspodError('BAD_ARGUMENT', 'no registries to search: name one, or set unqualified-search-registries');
  const found: SearchResult[] = [];
  for (const registry of hosts) found.push(...(await searchOne(conf, registry, rest, system)));
  return found;
}

/** Tags of a repository. @throws TspodError */
export async function searchTags(
  context: ImageContext,
  name: string,
  options: SearchOptions,
): Promise<{ Name: string; Tag: string }[]> {
  const system = { ...context.systemContext, ...options };
  const parsed = parseReference(name);
  if (parsed.tag !== '' || parsed.digest !== '')
    throw new TspodError('BAD_ARGUMENT', 'reference must be a docker reference without a tag');
  const reference = parseDocker(name);
  const endpoint = endpointsFor(loadRegistriesConf(system.registriesConf), reference).at(-1);
  if (!endpoint) return [];
  const client = clientFor(endpoint, reference, system);
  try {
    const tags = await listTags(client.session, endpoint.reference);
    return tags.slice(0, options.limit || 25).map((Tag) => ({ Name: repositoryOf(reference), Tag }));
  } finally {
    await client.close();
  }
}

async function searchOne(
  conf: ReturnType<typeof loadRegistriesConf>,
  host: string,
  rest: string,
  options: SearchOptions,
): Promise<SearchResult[]> {
  const isHub = host === 'docker.io';
  const reference: Reference = { domain: isHub ? 'index.docker.io' : host, path: '', tag: '', digest: '' };
  const insecure = endpointsFor(conf, { ...reference, path: 'x' }).at(-1)?.insecure ?? false;
  const client = clientFor({ reference, insecure, mirror: false }, reference, options);
  const limit = options.limit || 25;
  try {
    if (isHub) return await searchHub(client.session, rest, limit);
    const results: SearchResult[] = [];
    for await (const name of listRepositories(client.session)) {
      if (name.includes(rest)) results.push(result(host, `${host}/${name}`));
      if (results.length >= limit) break;
    }
    return results;
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    const words = `1 error occurred:\n\t* couldn't search registry "${host}": ${error.message}\n\n`;
    throw new TspodError(error.code, words, { cause: error });
  } finally {
    await client.close();
  }
}

async function searchHub(
  session: Parameters<typeof listRepositories>[0],
  term: string,
  limit: number,
): Promise<SearchResult[]> {
  const response = await session.send(`/v1/search?q=${encodeURIComponent(term)}&n=${limit}`);
  if (response.status !== 200) throw await registryError('searching', response);
  const body = parseBoundedJson((await readBody(response.body, answerLimit))?.toString('utf8') ?? '{}') as {
    results?: unknown;
  };
  const results = Array.isArray(body.results) ? (body.results as Record<string, unknown>[]) : [];
  return results.slice(0, limit).map((item) => ({
    ...result('docker.io', `docker.io/${item['is_official'] ? 'library/' : ''}${String(item['name'] ?? '')}`),
    Description: String(item['description'] ?? ''),
    Stars: Number(item['star_count'] ?? 0),
    Official: item['is_official'] ? '[OK]' : '',
    Automated: item['is_automated'] ? '[OK]' : '',
  }));
}

function result(host: string, Name: string): SearchResult {
  const index = (host.split(':')[0] ?? host).split('.').slice(-2).join('.');
  return { Index: index, Name, Description: '', Stars: 0, Official: '', Automated: '' };
}

function splitTerm(term: string): { host: string; rest: string } {
  const slash = term.indexOf('/');
  const first = slash < 0 ? term : term.slice(0, slash);
  const isHost = !isShort({ domain: first, path: '', tag: '', digest: '' });
  return isHost ? { host: first, rest: slash < 0 ? '' : term.slice(slash + 1) } : { host: '', rest: term };
}
