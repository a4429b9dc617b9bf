/** `pull docker-archive:PATH` and its relatives: images that come from no registry. */
import { TspodError } from '../errors.ts';
import type { ImageContext } from './context.ts';
import { type ArchiveFormat, type LoadOptions, loadArchive } from './load.ts';

const formats: readonly ArchiveFormat[] = ['docker-archive', 'oci-archive', 'oci', 'dir'];

/**
 * Loads the images that a name with a transport points to.
 *
 * @returns their ids; null when the name is that of an image in a registry
 * @throws TspodError
 */
export async function pullArchive(context: ImageContext, name: string, options: LoadOptions): Promise<string[] | null> {
  const format = formats.find((transport) => name.startsWith(`${transport}:`));
  if (!format) return null;
  const path = name.slice(format.length + 1);
  // `oci:PATH:TAG` with a host's port or a digest after it is a registry called "oci".
  if (!/^[./]/.test(path)) return null;
  if (path.includes(':')) throw new TspodError('UNSUPPORTED', `choosing one image of "${path}" is not supported yet`);
  const images = await loadArchive(context, path, { ...options, format, event: { status: 'pull', name } });
  return images.map(({ id }) => id);
}
