/**
 * Sizes of images by their top layer, in GRAPHROOT/tspod/image-sizes.json: with thousands of layers, adding them up
 * again would cost `images` more than all the rest. A layer never changes, so what is written stays true.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { writeFileAtomic } from '../system/atomic-file.ts';
import type { ImageRecord, LayerRecord } from './records.ts';
import { layersSize } from './size.ts';

/** From this many layers on the file is worth its place. */
const manyLayers = 500;

export class SizeCache {
  readonly #path: string;
  #sizes: Map<string, number> | undefined;

  constructor(graphRoot: string) {
    this.#path = `${graphRoot}/tspod/image-sizes.json`;
  }

  /** Bytes of the layers of an image, or null when they are not known yet. */
  get(image: ImageRecord): number | null {
    this.#sizes ??= readSizes(this.#path);
    return hasOneTop(image) ? (this.#sizes.get(image.layer ?? '') ?? null) : null;
  }

  /** Adds up all images, now that the layers are loaded, and keeps the sums for the next process. */
  fill(images: ImageRecord[], layers: Map<string, LayerRecord>): void {
    if (layers.size < manyLayers) return;
    const single = images.filter(hasOneTop);
    this.#sizes = new Map(single.map((image) => [image.layer ?? '', layersSize(image, layers)]));
    try {
      if (!existsSync(this.#path))
        mkdirSync(this.#path.slice(0, this.#path.lastIndexOf('/')), { recursive: true, mode: 0o700 });
      writeFileAtomic(this.#path, JSON.stringify(Object.fromEntries(this.#sizes)), { mode: 0o600, sync: false });
    } catch {
      // A store that cannot be written to is only slower.
    }
  }
}

function hasOneTop(image: ImageRecord): boolean {
  return Boolean(image.layer) && !image['mapped-layers']?.length;
}

function readSizes(path: string): Map<string, number> {
  try {
    const entries = Object.entries(JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>);
    return new Map(entries.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
  } catch {
    return new Map();
  }
}
