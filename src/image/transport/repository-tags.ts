import type { Reference } from '../../registry/reference.ts';
import { listTags } from '../../registry/tags.ts';
import type { ImageContext } from '../context.ts';
import type { RemoteOptions } from '../open-source.ts';
import { ownClient } from './docker.ts';

/** All tags of a repository, from the registry itself. @throws TspodError */
export async function repositoryTags(
  context: ImageContext,
  wanted: Reference,
  options: RemoteOptions,
): Promise<string[]> {
  const { client, reference } = ownClient(context, wanted, options);
  try {
    return await listTags(client.session, reference);
  } finally {
    await client.close();
  }
}
