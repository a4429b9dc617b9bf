/** images.json and the big data of images. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { hasErrno, TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { isHexId, parseImages } from './parse-records.ts';
import { bigDataFile, type StorePaths } from './paths.ts';
import { RecordFile, storeError } from './record-file.ts';
import type { ImageRecord } from './records.ts';
import { type HeldLock, underLock } from './store-lock.ts';
import { removeTree } from './temp-dir.ts';

export class ImageStore {
  readonly #paths: StorePaths;
  readonly #file: RecordFile<ImageRecord>;

  constructor(paths: StorePaths) {
    this.#paths = paths;
    this.#file = new RecordFile({ path: paths.imagesJson, parse: parseImages, sync: true });
  }

  all(): ImageRecord[] {
    return this.#file.peek();
  }

  /** The image with this full id, or null. */
  get(id: string): ImageRecord | null {
    return this.all().find((image) => image.id === id) ?? null;
  }

  /** One big data item. @throws CORRUPT_STORE when the file is gone */
  bigData(id: string, key: string): Buffer {
    const path = `${this.#paths.imageDir}/${id}/${bigDataFile(key)}`;
    try {
      return readFileSync(path);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT')) throw storeError(error, path);
      throw new TspodError('CORRUPT_STORE', `image "${id}": "${key}" is missing in the store`, { cause: error });
    }
  }

  /** Runs `fn` under images.lock. */
  update<T>(fn: (session: ImageSession) => T): T {
    return underLock(this.#paths.imagesLock, (lock) => fn(new ImageSession(this.#paths, this.#file, lock)));
  }
}

/** What can be done with images while images.lock is held. */
export class ImageSession {
  readonly #paths: StorePaths;
  readonly #file: RecordFile<ImageRecord>;
  readonly #lock: HeldLock;

  constructor(paths: StorePaths, file: RecordFile<ImageRecord>, lock: HeldLock) {
    this.#paths = paths;
    this.#file = file;
    this.#lock = lock;
  }

  all(): ImageRecord[] {
    return this.#file.load();
  }

  save(images: ImageRecord[]): void {
    this.#lock.touch();
    this.#file.save(images);
  }

  /** Writes big data files and notes them in the record, which the caller saves. */
  addBigData(image: ImageRecord, items: [string, Buffer][]): void {
    const folder = `${this.#paths.imageDir}/${image.id}`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const [key, data] of items) {
      writeFileAtomic(`${folder}/${bigDataFile(key)}`, data, { mode: 0o600, sync: true });
      image['big-data-names'] = [...new Set([...(image['big-data-names'] ?? []), key])];
      image['big-data-sizes'] = { ...image['big-data-sizes'], [key]: data.length };
      image['big-data-digests'] = { ...image['big-data-digests'], [key]: sha256(data) };
    }
  }

  /** Deletes folders of images that have no record: of a removed image, or of a process that died. */
  removeOrphans(): void {
    const known = new Set(this.all().map((image) => image.id));
    for (const name of readdirSync(this.#paths.imageDir)) {
      if (isHexId(name) && !known.has(name)) removeTree(`${this.#paths.imageDir}/${name}`);
    }
  }
}

function sha256(data: Buffer): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}
