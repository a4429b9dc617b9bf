/** images.json and the big data of images. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hasErrno, TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
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

  /** What the file on the disk is now, without reading it: it changes with every change. '' when there is none. */
  version(): string {
    return this.#file.version();
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

  /** Writes big data files, those that are new, and notes them in the record, which the caller saves. */
  addBigData(image: ImageRecord, items: [string, Buffer][]): void {
    const folder = `${this.#paths.imageDir}/${image.id}`;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    removeTemporary(folder);
    writeTogether(items.map(([key, data]) => [`${folder}/${bigDataFile(key)}`, data]));
    for (const [key, data] of items) {
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

/** Written first and synced after: the disk then commits its journal once and not for each file. */
function writeTogether(files: [path: string, data: Buffer][]): void {
  const changed = files.filter(([path, data]) => !readOrEmpty(path).equals(data));
  const written: number[] = [];
  try {
    for (const [path, data] of changed) {
      const fd = openSync(`${path}.tmp`, 'w', 0o600);
      written.push(fd);
      writeFileSync(fd, data);
    }
    for (const fd of written) fsyncSync(fd);
    for (const [path] of changed) renameSync(`${path}.tmp`, path);
  } catch (error) {
    throw storeError(error, files[0]?.[0] ?? '');
  } finally {
    for (const fd of written) closeSync(fd);
  }
}

function readOrEmpty(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}

function removeTemporary(folder: string): void {
  for (const name of readdirSync(folder)) if (name.endsWith('.tmp')) rmSync(`${folder}/${name}`, { force: true });
}

function sha256(data: Buffer): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}
