/** The tar of a layer again, byte for byte as it came: from the tar-split file and the files of the layer. */
import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, readSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { hexOf } from '../../oci/digest.ts';
import type { LayerRecord } from '../../storage/records.ts';
import type { Store } from '../../storage/store.ts';
import { openInRoot } from '../../system/safe-path.ts';
import { readTarSplit } from './tar-split.ts';

const chunkSize = 256 * 1024;

/**
 * Streams the tar of a layer. The last bytes are followed by a check of the whole.
 *
 * @throws TspodError CORRUPT_STORE when the files are not what was unpacked
 */
export async function* layerTar(store: Store, layer: LayerRecord): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  const folders = diffFolders(store, layer);
  let pending: Buffer[] = [];
  let waiting = 0;
  for await (const entry of readTarSplit(store.tarSplitFile(layer.id))) {
    for (const bytes of entry.kind === 'raw' ? [entry.bytes] : fileBytes(folders, entry.name, entry.size)) {
      hash.update(bytes);
      pending.push(bytes);
      waiting += bytes.length;
      if (waiting < chunkSize) continue;
      yield Buffer.concat(pending);
      pending = [];
      waiting = 0;
    }
  }
  if (waiting > 0) yield Buffer.concat(pending);
  const digest = hash.digest('hex');
  const expected = layer['diff-digest'];
  if (expected && hexOf(expected) !== digest) throw changed(layer.id, `it has digest sha256:${digest} now`);
}

/** The layer's own files, then those below: a file that a layer took over unchanged may lie there. */
function diffFolders(store: Store, layer: LayerRecord): string[] {
  const folders: string[] = [];
  for (let current: LayerRecord | null = layer; current; ) {
    folders.push(`${store.layerFolder(current.id)}/diff`);
    current = current.parent ? store.hasLayer(current.parent) : null;
  }
  return folders;
}

function* fileBytes(folders: string[], name: Buffer, size: number): Generator<Buffer> {
  const fd = openFirst(folders, name.toString('utf8'));
  try {
    if (fstatSync(fd).size !== size) throw changed(name.toString(), 'its size changed');
    for (let rest = size; rest > 0; ) {
      const buffer = Buffer.allocUnsafe(Math.min(rest, chunkSize));
      const length = readSync(fd, buffer, 0, buffer.length, null);
      if (length === 0) throw changed(name.toString(), 'it ended too early');
      rest -= length;
      yield buffer.subarray(0, length);
    }
  } finally {
    closeSync(fd);
  }
}

function openFirst(folders: string[], name: string): number {
  let failure: unknown;
  for (const folder of folders) {
    try {
      // O_NOFOLLOW: the last component is a file of the layer, never a link to somewhere else.
      return openInRoot(folder, name, fsFlags);
    } catch (error) {
      failure ??= error;
    }
  }
  throw new TspodError('CORRUPT_STORE', `"${name}" of a layer is missing in the store`, { cause: failure });
}

const fsFlags = constants.O_RDONLY | constants.O_NOFOLLOW;

function changed(subject: string, how: string): TspodError {
  return new TspodError('CORRUPT_STORE', `"${subject}" in the store is not what was unpacked: ${how}`);
}
