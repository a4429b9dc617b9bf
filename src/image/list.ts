/** Images as `podman images` lists them. */
import type { ImageRecord } from '../storage/records.ts';
import type { ImageContext } from './context.ts';
import { Family } from './family.ts';
import type { FilterOptions } from './filters.ts';
import { manifestDigests, repoDigests, repoTags } from './names.ts';

export interface ListOptions {
  /** With images that others were built on and that have no name. */
  all?: boolean;
  filters?: readonly string[];
  untilTime: FilterOptions['untilTime'];
  isExternal?: (containerId: string) => boolean;
}

/** One image; what costs reading files is computed on demand. */
export class ImageSummary {
  readonly record: ImageRecord;
  /** Names to show: all, or the one that was asked for. */
  readonly names: readonly string[];
  /** The copy in a read-only store of an image that our own store has. */
  isShadowed = false;
  readonly #context: ImageContext;
  readonly #family: Family;

  constructor(context: ImageContext, record: ImageRecord, family: Family, names = record.names ?? []) {
    this.#context = context;
    this.record = record;
    this.names = names;
    this.#family = family;
  }

  get labels(): Record<string, string> | null {
    return this.#context.store.imageConfig(this.record).config?.Labels ?? null;
  }

  get size(): number {
    return this.#context.store.imageSize(this.record);
  }

  get containers(): number {
    return this.#context.store.containers().filter((container) => container.image === this.record.id).length;
  }

  get isReadOnly(): boolean {
    return this.isShadowed || this.#context.store.isReadOnly(this.record);
  }

  get isDangling(): boolean {
    return this.#family.isDangling(this.record);
  }

  get parentId(): string {
    return this.#family.parent(this.record)?.id ?? '';
  }

  get digest(): string {
    return this.record.digest ?? manifestDigests(this.record)[0] ?? '';
  }

  get repoDigests(): string[] {
    return repoDigests(this.record);
  }

  get repoTags(): string[] {
    return repoTags(this.record);
  }
}

/** @throws TspodError BAD_ARGUMENT for a filter, CORRUPT_STORE */
export async function listImages(context: ImageContext, options: ListOptions): Promise<ImageSummary[]> {
  const family = new Family(context.store);
  const { filters = [], untilTime, isExternal } = options;
  const filterOptions = { family, untilTime, ...(isExternal ? { isExternal } : {}) };
  const predicate = filters.length > 0 ? await compile(context, filters, filterOptions) : () => true;
  const shown =
    options.all || filters.includes('intermediate=true')
      ? () => true
      : (image: ImageRecord) => !family.isIntermediate(image);
  const only = exactReference(filters);
  const summaries = (images: ImageRecord[]) =>
    images
      .filter((image) => predicate(image) && shown(image))
      .map((image) => new ImageSummary(context, image, family, namesFor(image, only)));
  const shadowed = summaries(context.store.shadowedImages());
  for (const summary of shadowed) summary.isShadowed = true;
  return [...summaries(context.store.images()), ...shadowed];
}

/** Loaded late: a plain listing has no filters. */
async function compile(context: ImageContext, filters: readonly string[], options: FilterOptions) {
  const { imageFilter } = await import('./filters.ts');
  return imageFilter(context, filters, options);
}

/** A single full name that is asked for hides the image's other names. */
function exactReference(filters: readonly string[]): string | null {
  const references = filters.filter((filter) => /^reference!?=/.test(filter));
  const [only] = references;
  return references.length === 1 && only?.startsWith('reference=') ? only.slice('reference='.length) : null;
}

function namesFor(image: ImageRecord, only: string | null): string[] {
  const names = image.names ?? [];
  return only !== null && names.includes(only) ? [only] : names;
}
