/** What `image sync` copies: one image, all tags of a repository, all images below a folder, or what a YAML file lists. */
import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TspodError } from '../../errors.ts';
import { parseDocker, type Reference, repositoryOf } from '../../registry/reference.ts';
import type { ImageContext } from '../context.ts';
import { dir } from '../transport/dir.ts';
import { dockerName } from '../transport/docker.ts';
import { repositoryTags } from '../transport/repository-tags.ts';
import type { ImageName, SourceOptions } from '../transport/transport.ts';

export interface SyncSource {
  images: SyncImage[];
  options: SourceOptions;
}

export interface SyncImage {
  name: ImageName;
  /** What the target is called after: a full name, or the path below the folder. */
  path: string;
}

/**
 * The images of a registry or a folder.
 *
 * @throws TspodError NOT_FOUND when there is nothing to copy, BAD_ARGUMENT
 */
export async function syncSource(
  context: ImageContext,
  { transport, source }: { transport: 'docker' | 'dir'; source: string },
  options: SourceOptions,
): Promise<SyncSource> {
  const images = transport === 'dir' ? imagesBelow(source) : await imagesOf(context, parseDocker(source), options);
  if (images.length === 0) throw new TspodError('NOT_FOUND', `no images to sync found in "${source}"`);
  return { images, options };
}

/** The image of a name with a tag or a digest, or every tag of the repository. @throws TspodError */
export async function imagesOf(
  context: ImageContext,
  reference: Reference,
  options: SourceOptions,
): Promise<SyncImage[]> {
  if (reference.tag !== '' || reference.digest !== '') return [syncImage(reference)];
  const tags = await repositoryTags(context, reference, options);
  return tags.filter((tag) => /^\w[\w.-]{0,127}$/.test(tag)).map((tag) => syncImage({ ...reference, tag }));
}

export function syncImage(reference: Reference): SyncImage {
  const { tag, digest } = reference;
  return { name: dockerName(reference), path: repositoryOf(reference) + (digest ? `@${digest}` : `:${tag}`) };
}

/** Folders with a manifest.json; what lies in them is no further image. Links are not followed. */
function imagesBelow(source: string): SyncImage[] {
  const base = resolve(source);
  if (!existsSync(base)) {
    throw new TspodError('BAD_ARGUMENT', `invalid source directory specified: ${source}: no such file or directory`);
  }
  const found: SyncImage[] = [];
  const visit = (folder: string, path: string): void => {
    const entries = readdirSync(folder, { withFileTypes: true });
    if (entries.some((entry) => entry.isFile() && entry.name === 'manifest.json')) {
      found.push({ name: dir.parse(folder), path: path || (base.split('/').at(-1) ?? '') });
      return;
    }
    for (const entry of entries) if (entry.isDirectory()) visit(join(folder, entry.name), join(path, entry.name));
  };
  visit(base, '');
  return found;
}
