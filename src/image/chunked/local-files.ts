/** Files of layers in the store that may have the content of a file that is to be pulled: same path, same bytes. */
import { createHash } from 'node:crypto';
import { closeSync, constants, existsSync, fstatSync, readSync } from 'node:fs';
import { hasErrno, TspodError } from '../../errors.ts';
import type { Store } from '../../storage/store.ts';
import { openInRoot } from '../../system/safe-path.ts';
import type { TocEntry } from './toc.ts';

export interface LocalFile {
  folder: string;
  name: string;
  size: number;
}

/** Layers that are looked at, and those of them that are searched for every file. */
const [looked, searched] = [64, 4];
const sample = 200;
const chunkSize = 1024 * 1024;

export class LocalFiles {
  #folders: string[];

  constructor(store: Store) {
    const newest = [...store.layers()].sort((a, b) => Date.parse(b.created) - Date.parse(a.created));
    const layers = newest.filter((layer) => layer['diff-digest'] !== undefined).slice(0, looked);
    this.#folders = layers.map(({ id }) => `${store.layerFolder(id)}/diff`).filter((folder) => existsSync(folder));
  }

  get isEmpty(): boolean {
    return this.#folders.length === 0;
  }

  /** Keeps the layers that have most of a sample of these names. */
  choose(names: readonly string[]): void {
    const step = Math.max(1, Math.floor(names.length / sample));
    const some = names.filter((_, index) => index % step === 0);
    const scored = this.#folders.map((folder) => ({
      folder,
      hits: some.filter((name) => existsSync(`${folder}/${name}`)).length,
    }));
    const fitting = scored.filter(({ hits }) => hits > 0).sort((a, b) => b.hits - a.hits);
    this.#folders = fitting.slice(0, searched).map(({ folder }) => folder);
  }

  /** A file with this content, read and hashed; null if there is none. */
  async find({ name, size = 0, digest }: TocEntry): Promise<LocalFile | null> {
    for (const folder of this.#folders) {
      const file = { folder, name, size };
      const fd = open(file);
      if (fd === null) continue;
      const hash = createHash('sha256');
      for await (const chunk of contentOf(fd, size)) hash.update(chunk);
      if (digest === `sha256:${hash.digest('hex')}`) return file;
    }
    return null;
  }
}

/** @throws TspodError CORRUPT_STORE when it was changed meanwhile */
export async function* readLocal(file: LocalFile): AsyncGenerator<Uint8Array> {
  const fd = open(file);
  let left = file.size;
  if (fd !== null) {
    for await (const chunk of contentOf(fd, file.size)) {
      left -= chunk.length;
      yield chunk;
    }
  }
  if (left > 0) throw new TspodError('CORRUPT_STORE', `"${file.folder}/${file.name}" was changed while it was read`);
}

/** Null unless it is a file of this size, inside of the folder. */
function open({ folder, name, size }: LocalFile): number | null {
  let fd: number;
  try {
    fd = openInRoot(
      folder,
      name,
      constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW,
    );
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO', 'EACCES')) return null;
    throw error;
  }
  const stat = fstatSync(fd);
  if (stat.isFile() && stat.size === size) return fd;
  closeSync(fd);
  return null;
}

/** Closes the descriptor. Lets other work go on between chunks. */
async function* contentOf(fd: number, size: number): AsyncGenerator<Buffer> {
  try {
    for (let done = 0; done < size; ) {
      const buffer = Buffer.allocUnsafe(Math.min(chunkSize, size - done));
      const n = readSync(fd, buffer);
      if (n === 0) return;
      yield buffer.subarray(0, n);
      done += n;
    }
  } finally {
    closeSync(fd);
  }
}
