/** Named blobs in a tar file or a folder: what image archives are made of. */

import { createReadStream, existsSync, lstatSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path/posix';
import { messageOf, TspodError } from '../../errors.ts';
import { parseBoundedJson } from '../../oci/bounded-json.ts';
import { readBody } from '../../registry/read-body.ts';
import { indexTar, type TarEntry } from './tar-index.ts';

export interface Archive {
  has(name: string): boolean;
  /** Bytes. @throws TspodError CORRUPT_BLOB when it is missing */
  size(name: string): number;
  stream(name: string): AsyncIterable<Uint8Array>;
}

const chunkSize = 256 * 1024;

/** Opens a tar file that is not compressed as a whole. @throws TspodError CORRUPT_BLOB */
export async function openTar(path: string): Promise<Archive> {
  const entries = await indexTar(path);
  const entryOf = (name: string) => followLinks(entries, name);
  return {
    has: (name) => entries.has(name),
    size: (name) => entryOf(name).size,
    stream(name) {
      const { offset, size } = entryOf(name);
      return size === 0
        ? nothing()
        : createReadStream(path, { start: offset, end: offset + size - 1, highWaterMark: chunkSize });
    },
  };
}

/** Opens a folder. Names come from its JSON files: links in it are not followed. */
export function openFolder(folder: string): Archive {
  const pathOf = (name: string) => {
    const path = join(folder, name);
    if (!existsSync(path) || !lstatSync(path).isFile()) throw missing(name);
    return path;
  };
  return {
    has: (name) => existsSync(join(folder, name)),
    size: (name) => statSync(pathOf(name)).size,
    stream: (name) => createReadStream(pathOf(name), { highWaterMark: chunkSize }),
  };
}

/** A small entry as a whole. @throws TspodError CORRUPT_BLOB when it is missing or longer than `limit` bytes */
export async function readEntry(archive: Archive, name: string, limit: number): Promise<Buffer> {
  const size = archive.size(name);
  const bytes = size > limit ? null : await readBody(archive.stream(name), limit);
  if (!bytes) throw new TspodError('CORRUPT_BLOB', `"${name}" in the archive has ${size} bytes, more than ${limit}`);
  return bytes;
}

/** A small JSON entry. @throws TspodError CORRUPT_BLOB */
export async function readJson(archive: Archive, name: string, limit: number): Promise<unknown> {
  const bytes = await readEntry(archive, name, limit);
  try {
    return parseBoundedJson(bytes.toString('utf8'));
  } catch (error) {
    throw new TspodError('CORRUPT_BLOB', `"${name}" in the archive: ${messageOf(error).slice(0, 120)}`, {
      cause: error,
    });
  }
}

/** Old Docker archives link layers that several images share. */
function followLinks(entries: Map<string, TarEntry>, name: string): TarEntry {
  let current = name;
  for (let hops = 0; hops < 8; hops += 1) {
    const entry = entries.get(current);
    if (!entry) break;
    if (entry.link === '') return entry;
    const relative = normalize(join(dirname(current), entry.link)).replace(/^\/+/, '');
    current = entries.has(relative) ? relative : normalize(entry.link);
  }
  throw missing(name);
}

function missing(name: string): TspodError {
  return new TspodError('CORRUPT_BLOB', `"${name}" is missing in the archive`);
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
