/** Downloads an archive and loads it. */
import { Readable } from 'node:stream';
import { messageOf, TspodError } from '../errors.ts';
import { spool } from './archive/spool.ts';
import type { ImageContext } from './context.ts';
import { type LoadedImage, type LoadOptions, loadArchive } from './load.ts';

/** Loads the archive at an http or https URL. @throws TspodError UNREACHABLE, REGISTRY, CORRUPT_BLOB */
export async function loadUrl(context: ImageContext, url: string, options: LoadOptions): Promise<LoadedImage[]> {
  const file = await download(url);
  try {
    return await loadArchive(context, file.path, options);
  } finally {
    file.remove();
  }
}

/** Brings a URL into a temporary file. @throws TspodError UNREACHABLE, REGISTRY */
export async function download(url: string): Promise<{ path: string; remove(): void }> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (error) {
    const cause = error instanceof Error && error.cause ? error.cause : error;
    throw new TspodError('UNREACHABLE', `Get "${url}": ${messageOf(cause)}`, { cause: error });
  }
  if (!response.ok || !response.body)
    throw new TspodError('REGISTRY', `Get "${url}": ${response.status} ${response.statusText}`);
  return spool(Readable.fromWeb(response.body));
}
