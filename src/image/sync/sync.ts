/** Copies many images between registries and folders. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf, TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { ImageContext } from '../context.ts';
import { type CopyOptions, copyImage } from '../copy/copy-image.ts';
import { dir } from '../transport/dir.ts';
import { docker } from '../transport/docker.ts';
import { imageNameText } from '../transport/parse.ts';
import type { ImageName } from '../transport/transport.ts';
import { type SyncImage, type SyncSource, syncSource } from './sources.ts';

export interface SyncOptions extends CopyOptions {
  /** Keep the whole name of the source below the target. */
  scoped: boolean;
  dryRun: boolean;
  /** Copy the others when one fails. */
  keepGoing: boolean;
  /** Added to tags at the target. */
  appendSuffix: string;
  onSync(event: SyncEvent): void;
}

export type SyncEvent =
  | { type: 'image'; from: string; to: string; position: number; of: number }
  | { type: 'copied'; to: string; digest: Digest }
  | { type: 'failed'; from: string; error: unknown }
  | { type: 'warning'; text: string }
  | { type: 'end'; images: number; sources: number };

export interface SyncEnds {
  from: 'docker' | 'dir' | 'yaml';
  source: string;
  to: 'docker' | 'dir';
  target: string;
}

/** @throws TspodError of the first failure, or with `keepGoing` one at the end */
export async function syncImages(context: ImageContext, ends: SyncEnds, options: SyncOptions): Promise<void> {
  const sources = await sourcesOf(context, ends, options);
  const totals = { copied: 0, failed: 0 };
  for (const source of sources) {
    for (const [position, image] of source.images.entries()) {
      const done = await syncOne(context, { image, source, position: position + 1 }, ends, options);
      if (done) totals.copied += 1;
      else totals.failed += 1;
    }
  }
  options.onSync({ type: 'end', images: totals.copied, sources: sources.length });
  if (totals.failed === 0) return;
  throw new TspodError('REGISTRY', `${totals.failed} of ${totals.copied + totals.failed} images could not be copied`);
}

async function sourcesOf(
  context: ImageContext,
  { from, source }: SyncEnds,
  { source: options, onSync }: SyncOptions,
): Promise<SyncSource[]> {
  if (from !== 'yaml') return [await syncSource(context, { transport: from, source }, options)];
  const { yamlSources } = await import('./yaml-sources.ts');
  return yamlSources(context, source, options, (text) => onSync({ type: 'warning', text }));
}

interface Step {
  image: SyncImage;
  source: SyncSource;
  position: number;
}

async function syncOne(
  context: ImageContext,
  { image, source, position }: Step,
  ends: SyncEnds,
  options: SyncOptions,
): Promise<boolean> {
  const target = targetOf(image, ends, options);
  const [from, to] = [imageNameText(image.name), imageNameText(target)];
  options.onSync({ type: 'image', from, to, position, of: source.images.length });
  if (options.dryRun) return true;
  try {
    const digest = await copyImage(context, image.name, target, { ...options, source: source.options });
    options.onSync({ type: 'copied', to, digest });
    return true;
  } catch (error) {
    if (options.keepGoing) {
      options.onSync({ type: 'failed', from, error });
      return false;
    }
    if (!(error instanceof TspodError)) throw error;
    throw new TspodError(error.code, `error copying ref "${from}": ${messageOf(error)}`, { cause: error });
  }
}

/** @throws TspodError BAD_ARGUMENT for a folder that is there already */
function targetOf({ path }: SyncImage, { to, target }: SyncEnds, { scoped, appendSuffix }: SyncOptions): ImageName {
  const below = scoped ? path : (path.split('/').at(-1) ?? path);
  const place = join(target, below) + appendSuffix;
  if (to === 'docker') return docker.parse(`//${place}`);
  if (existsSync(resolve(place))) {
    throw new TspodError('BAD_ARGUMENT', `refusing to overwrite destination directory "${place}"`);
  }
  return dir.parse(place);
}
