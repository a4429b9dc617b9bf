/** Files of an artifact, written where a user wants them. */
import { constants, copyFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, TspodError } from '../../errors.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import type { ImageContext } from '../context.ts';
import { withArtifacts } from './store.ts';

export interface ExtractOptions {
  digest?: string | undefined;
  title?: string | undefined;
}

const titleKey = 'org.opencontainers.image.title';

/** @param target a folder, or a file for one blob. @throws TspodError BAD_ARGUMENT, NO_SUCH_IMAGE */
export async function extractArtifact(
  context: ImageContext,
  name: string,
  target: string,
  options: ExtractOptions = {},
): Promise<void> {
  if (options.digest && options.title) throw bad('cannot specify both digest and title');
  await withArtifacts(context, 'shared', (artifacts) => {
    const blobs = chosen(artifacts.require(name).manifest.layers, options);
    const isFolder = statSync(target, { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (!isFolder && blobs.length > 1) {
      throw bad(
        `the artifact consists of several blobs and the target "${target}" is not a directory and neither digest or title was specified to only copy a single blob`,
      );
    }
    for (const blob of blobs) {
      const to = isFolder ? join(target, fileName(blob)) : target;
      copy(artifacts.blobPath(blob.digest), to);
    }
  });
}

function chosen(layers: readonly Descriptor[], { digest, title }: ExtractOptions): Descriptor[] {
  if (digest) {
    const found = layers.filter((layer) => layer.digest === digest);
    if (found.length === 0) throw bad(`no blob with the digest "${digest}"`);
    return found;
  }
  if (title) {
    const found = layers.filter(({ annotations }) => annotations?.[titleKey] === title);
    if (found.length === 0) throw bad(`no blob with the title "${title}"`);
    return found;
  }
  if (layers.length === 0) throw bad('the artifact has no blobs');
  return [...layers];
}

/** The title comes from a stranger: it names a file in the folder and nothing else. */
function fileName({ annotations, digest }: { annotations?: Record<string, string>; digest: Digest }): string {
  const title = annotations?.[titleKey];
  if (!title) return hexOf(digest);
  if (/[/\0]/.test(title) || title === '.' || title === '..') {
    throw bad(`invalid name: ${JSON.stringify(title)} cannot contain "/"`);
  }
  return title;
}

function copy(from: string, to: string): void {
  try {
    copyFileSync(from, to, constants.COPYFILE_FICLONE);
  } catch (error) {
    throw new TspodError('SYSTEM', `writing "${to}": ${messageOf(error)}`, { cause: error });
  }
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
