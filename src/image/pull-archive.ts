/** `pull docker-archive:PATH` and its relatives: images that come from no registry. */
import type { Platform } from '../oci/image-spec.ts';
import { formatReference, parseDocker, withDefaultTag } from '../registry/reference.ts';
import { type ImageContext, imageEvent } from './context.ts';
import { copyIntoStore } from './copy/into-store.ts';
import { type LoadOptions, loadArchive } from './load.ts';
import { refuseRejected } from './signature/enforce.ts';
import { parseImageName } from './transport/parse.ts';
import type { ImageName, ImageReader } from './transport/transport.ts';

const local = /^(docker-archive|oci-archive|oci|dir|containers-storage):/;

export interface PullArchiveOptions extends LoadOptions {
  platform?: Platform | undefined;
}

/**
 * Stores the images that a name with a transport points to.
 *
 * @returns their ids; null when the name is that of an image in a registry
 * @throws TspodError
 */
export async function pullArchive(
  context: ImageContext,
  name: string,
  options: PullArchiveOptions,
): Promise<string[] | null> {
  const transport = local.exec(name)?.[1];
  if (!transport) return null;
  const event = { status: 'pull', name };
  const path = name.slice(transport.length + 1);
  if (transport === 'docker-archive' && !path.includes(':')) {
    const images = await loadArchive(context, path, { ...options, format: transport, event });
    return images.map(({ id }) => id);
  }
  return [await pullOne(context, parseImageName(name), name, options)];
}

async function pullOne(
  context: ImageContext,
  from: ImageName,
  name: string,
  options: PullArchiveOptions,
): Promise<string> {
  const { onProgress = () => {}, policyFile = context.systemContext?.policyFile, platform } = options;
  const reader = await from.read(context, {});
  try {
    refuseRejected(reader.subject, policyFile);
    const writer = { kind: 'store', store: context.store, names: namesFor(from, reader) } as const;
    const copying = { source: {}, target: {}, policyFile, platform, onProgress };
    const { record } = await copyIntoStore(writer, reader, await reader.manifest(), copying);
    imageEvent(context, 'pull', record.id, name);
    return record.id;
  } finally {
    await reader.close();
  }
}

/** As Podman names them: what was chosen in a layout, what an archive says; a folder alone is no name. */
function namesFor({ transport, rest, reference }: ImageName, reader: ImageReader): string[] {
  if (transport === 'containers-storage') return reference ? [formatReference(reference)] : [];
  if (transport !== 'oci') return reader.names?.() ?? [];
  const name = rest.includes(':') ? rest.slice(rest.indexOf(':') + 1) : '';
  return name === '' || name.startsWith('@') ? [] : [formatReference(withDefaultTag(parseDocker(name)))];
}
