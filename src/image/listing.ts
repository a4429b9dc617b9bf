/**
 * What a plain `images` shows, in GRAPHROOT/tspod/image-list.json: with a thousand images, reading all that the store
 * knows of them would take longer than the rest of the command. It is good for one version of images.json only,
 * whichever tool writes that.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../system/atomic-file.ts';
import type { ImageContext } from './context.ts';
import { Family } from './family.ts';
import { ImageSummary, type ListOptions, listImages } from './list.ts';

/** From this many images on the file is worth its place. */
const manyImages = 100;

type Row = [id: string, names: string[], created: string, size: number];

class ListedImage extends ImageSummary {
  readonly #size: number;

  constructor(context: ImageContext, family: Family, [id, names, created, size]: Row) {
    super(context, { id, names, created }, family);
    this.#size = size;
  }

  override get size(): number {
    return this.#size;
  }

  override get isReadOnly(): boolean {
    return false;
  }
}

/** As `listImages` without filters, but the images know no more than id, names, time and size. @throws CORRUPT_STORE */
export async function plainListing(context: ImageContext, options: ListOptions): Promise<ImageSummary[]> {
  const version = context.store.imagesVersion();
  const path = `${context.store.paths.graphRoot}/tspod/image-list.json`;
  const rows = version === '' ? null : readRows(path, version);
  if (rows) {
    const family = new Family(context.store);
    return rows.map((row) => new ListedImage(context, family, row));
  }
  const images = await listImages(context, options);
  if (images.length >= manyImages && version === context.store.imagesVersion()) writeRows(path, version, images);
  return images;
}

function readRows(path: string, version: string): Row[] | null {
  if (!existsSync(path)) return null;
  try {
    const text = readFileSync(path, 'utf8');
    if (!text.startsWith(`["${version}",`)) return null;
    const [, rows] = JSON.parse(text) as [string, Row[]];
    return rows;
  } catch {
    return null;
  }
}

/** A store that cannot be written to is only slower. */
function writeRows(path: string, version: string, images: ImageSummary[]): void {
  const rows = images.map(({ record, names, size }): Row => [record.id, [...names], record.created, size]);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileAtomic(path, JSON.stringify([version, rows]), { mode: 0o600, sync: false });
  } catch {
    return;
  }
}
