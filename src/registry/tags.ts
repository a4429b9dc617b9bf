/** Lists that registries give in pages: the tags of a repository, and its repositories. */

import { TspodError } from '../errors.ts';
import { parseBoundedJson } from '../oci/bounded-json.ts';
import { readBody } from './read-body.ts';
import { type Reference, repositoryOf } from './reference.ts';
import { registryError } from './registry-error.ts';
import type { Session } from './session.ts';

const pageLimit = 4 * 1024 * 1024;
const maxPages = 1000;

/** All tags of a repository, in the registry's order. @throws TspodError */
export async function listTags(session: Session, reference: Reference): Promise<string[]> {
  const path = `/v2/${reference.path}/tags/list`;
  const tags: string[] = [];
  for await (const page of pages(session, path, `fetching tags list of ${repositoryOf(reference)}`)) {
    const list = page['tags'];
    if (Array.isArray(list)) tags.push(...list.filter((tag): tag is string => typeof tag === 'string'));
  }
  return tags;
}

/** Repositories of a registry that has the catalog API, one by one. @throws TspodError */
export async function* listRepositories(session: Session): AsyncGenerator<string> {
  for await (const page of pages(session, '/v2/_catalog?n=1000', 'fetching the catalog')) {
    const list = page['repositories'];
    if (Array.isArray(list)) yield* list.filter((name): name is string => typeof name === 'string');
  }
}

async function* pages(session: Session, path: string, doing: string): AsyncGenerator<Record<string, unknown>> {
  let next: string | null = path;
  for (let page = 0; next !== null && page < maxPages; page += 1) {
    const response = await session.send(next);
    if (response.status !== 200) throw await registryError(doing, response);
    const bytes = await readBody(response.body, pageLimit);
    yield parse(bytes, doing);
    next = nextPage(response.headers['link'], response.url);
  }
}

function parse(bytes: Buffer | null, doing: string): Record<string, unknown> {
  try {
    return parseBoundedJson(bytes?.toString('utf8') ?? '') as Record<string, unknown>;
  } catch (error) {
    throw new TspodError('REGISTRY', `${doing}: the answer is no JSON`, { cause: error });
  }
}

/** RFC 8288: `Link: <...>; rel="next"`. Only the path counts: pages stay on their host. */
function nextPage(link: string | string[] | undefined, base: URL): string | null {
  const match = /<([^>]+)>\s*;\s*rel="?next"?/.exec([link ?? ''].flat().join(','));
  const url = match?.[1] === undefined ? null : URL.parse(match[1], base.href);
  return url?.host === base.host ? url.pathname + url.search : null;
}
