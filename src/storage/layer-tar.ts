/**
 * The very tar that a layer was unpacked from, byte for byte: the tar-split file has what is not content of files,
 * the layer's folder has the rest.
 */
import { createHash } from 'node:crypto';
import { closeSync, constants, createReadStream, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { hasErrno, messageOf, TspodError } from '../errors.ts';
import { openInRoot } from '../system/safe-path.ts';
import type { LayerRecord } from './records.ts';

export interface LayerTarSource {
  layer: LayerRecord;
  /** The layer's `diff`, then those below it: a file may have come from there. */
  folders: string[];
  tarSplit: string;
}

/**
 * Streams the tar and compares its digest with the recorded one at the end.
 * @throws CORRUPT_STORE when the tar-split file or a file of the layer is missing or was changed
 */
export async function* layerTar(source: LayerTarSource): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const line of linesOf(source)) {
    for (const piece of piecesOf(source, line)) {
      hash.update(piece);
      yield piece;
    }
  }
  const expected = source.layer['diff-digest'];
  const digest = `sha256:${hash.digest('hex')}`;
  if (expected && digest !== expected) {
    throw corrupt(source, 'layer content incorrect digest: file integrity checksum failed');
  }
}

/** One member of the tar-split file: bytes as they are, or the content of a file. */
interface SplitLine {
  type: number;
  name?: string;
  /** base64, for names that are no UTF-8. */
  name_raw?: string;
  size?: number;
  payload?: string;
}

/** The names of all files with content, for `system check`. */
export async function* tarSplitNames(source: LayerTarSource): AsyncGenerator<string> {
  for await (const { type, name } of linesOf(source)) if (type === 1 && name) yield name;
}

async function* linesOf(source: LayerTarSource): AsyncGenerator<SplitLine> {
  const file = createReadStream(source.tarSplit);
  const gunzip = createGunzip();
  file.on('error', (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  let rest = '';
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      const lines = (rest + chunk.toString('latin1')).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield parseLine(line);
    }
    if (rest !== '') yield parseLine(rest);
  } catch (error) {
    if (error instanceof TspodError) throw error;
    throw corrupt(source, `the tar-split file cannot be read: ${messageOf(error)}`, error);
  } finally {
    file.destroy();
  }
}

/** Chunks are cut anywhere, so lines are joined as bytes first. */
function parseLine(line: string): SplitLine {
  return JSON.parse(Buffer.from(line, 'latin1').toString('utf8')) as SplitLine;
}

function* piecesOf(source: LayerTarSource, line: SplitLine): Generator<Buffer> {
  if (line.type === 2) {
    yield Buffer.from(line.payload ?? '', 'base64');
    return;
  }
  const size = line.size ?? 0;
  if (line.type !== 1 || size === 0) return;
  const name = line.name_raw ? Buffer.from(line.name_raw, 'base64') : Buffer.from(line.name ?? '');
  const fd = openMember(source, name);
  try {
    yield* contentOf(source, { fd, size, name });
  } finally {
    closeSync(fd);
  }
}

function* contentOf(source: LayerTarSource, file: { fd: number; size: number; name: Buffer }): Generator<Buffer> {
  for (let left = file.size; left > 0; ) {
    const buffer = Buffer.allocUnsafe(Math.min(left, 1 << 20));
    const length = readSync(file.fd, buffer);
    if (length === 0) throw corrupt(source, `"${file.name}" is shorter than it was: file integrity checksum failed`);
    left -= length;
    yield buffer.subarray(0, length);
  }
}

/** Non-blocking: a fifo in the place of a file must not stop us. */
const readFlags = constants.O_RDONLY | constants.O_NONBLOCK;

/** Links in a layer are its maker's: they are resolved inside the layer, never on the host. */
function openMember(source: LayerTarSource, name: Buffer): number {
  const path = name.toString('utf8');
  const isText = Buffer.from(path).equals(name);
  for (const folder of source.folders) {
    try {
      return isText ? openInRoot(folder, path, readFlags) : openRaw(folder, name);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw error;
    }
  }
  throw corrupt(source, `"${path}" is missing: file integrity checksum failed`);
}

/** A name that is no UTF-8, one component after the other; no links. */
function openRaw(folder: string, name: Buffer): number {
  const parts = splitPath(name);
  let fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const flags = readFlags | constants.O_NOFOLLOW | (isLast ? 0 : constants.O_DIRECTORY);
    const parent = fd;
    try {
      fd = openSync(Buffer.concat([Buffer.from(`/proc/self/fd/${parent}/`), part]), flags);
    } finally {
      closeSync(parent);
    }
  }
  return fd;
}

function splitPath(name: Buffer): Buffer[] {
  const parts = name.toString('latin1').split('/');
  return parts
    .filter((part) => part !== '' && part !== '.')
    .map((part) => Buffer.from(part === '..' ? '.' : part, 'latin1'));
}

function corrupt(source: LayerTarSource, why: string, cause?: unknown): TspodError {
  return new TspodError('CORRUPT_STORE', `layer "${source.layer.id}": ${why}`, { cause });
}
