/** `pull --all-tags`: every tag of one repository. */
import { loadRegistriesConf } from '../config/registries-conf.ts';
import { TspodError } from '../errors.ts';
import { endpointsFor } from '../registry/endpoint.ts';
import { formatReference, type Reference } from '../registry/reference.ts';
import { listTags } from '../registry/tags.ts';
import type { ImageContext } from './context.ts';
import { clientFor } from './open-source.ts';
import { type PullOptions, pullImage } from './pull.ts';
import { pullNames } from './short-names.ts';

/**
 * Pulls all tags of a repository, one after the other.
 *
 * @returns the ids of the images, each once
 * @throws TspodError BAD_ARGUMENT for a name with a tag or a digest
 */
export async function pullAllTags(context: ImageContext, name: string, options: PullOptions): Promise<string[]> {
  const system = { ...context.systemContext, ...options };
  const conf = loadRegistriesConf(system.registriesConf);
  const [reference] = pullNames(conf, name).candidates;
  if (!reference || /[:@]/.test(name.split('/').at(-1) ?? '')) {
    throw new TspodError('BAD_ARGUMENT', `the all-tags option cannot be used with a tagged reference: "${name}"`);
  }
  const ids = new Set<string>();
  for (const tag of await tagsOf(reference, conf, system)) {
    const { record } = await pullImage(context, formatReference({ ...reference, tag }), options);
    ids.add(record.id);
  }
  return [...ids];
}

async function tagsOf(
  reference: Reference,
  conf: ReturnType<typeof loadRegistriesConf>,
  options: PullOptions,
): Promise<string[]> {
  const endpoint = endpointsFor(conf, reference).at(-1);
  if (!endpoint) return [];
  const client = clientFor(endpoint, reference, options);
  try {
    return await listTags(client.session, endpoint.reference);
  } finally {
    await client.close();
  }
}
