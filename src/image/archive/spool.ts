/** Makes a plain file of an archive that comes from a pipe or is compressed: archives are read out of order. */
import { createReadStream, createWriteStream, fstatSync, rmSync } from 'node:fs';
import { mkdtemp, open } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { hasCode, hasErrno, messageOf, TspodError } from '../../errors.ts';
import { decoderFor } from './compression.ts';

export interface PlainFile {
  path: string;
  /** Deletes what was made. */
  remove(): void;
}

/**
 * A plain tar for a path; the path itself when it is one.
 *
 * @throws TspodError CORRUPT_BLOB for broken compression, UNSUPPORTED for an unknown one
 */
export async function plainFile(path: string): Promise<PlainFile> {
  const file = await open(path, 'r');
  const head = Buffer.alloc(8);
  await file.read(head, 0, head.length, 0);
  await file.close();
  const decoder = decoderFor(head);
  if (decoder === null) return { path, remove: () => {} };
  return spool(decoder(createReadStream(path, { highWaterMark: 1024 * 1024 })));
}

/** Standard input as a file: directly when it is one, else copied. */
export async function standardInput(): Promise<PlainFile> {
  const copy = await spoolInput();
  try {
    const plain = await plainFile(copy.path);
    if (plain.path === copy.path) return copy;
    copy.remove();
    return plain;
  } catch (error) {
    copy.remove();
    throw error;
  }
}

/** Standard input as it is: directly when it is a file, else copied. */
export async function spoolInput(): Promise<PlainFile> {
  if (fstatSync(0).isFile()) return { path: '/proc/self/fd/0', remove: () => {} };
  return spool(createReadStream('', { fd: 0, autoClose: false }));
}

/** Copies a stream to a file of its own in TMPDIR, by default /var/tmp. */
export async function spool(source: AsyncIterable<Uint8Array>): Promise<PlainFile> {
  const folder = await mkdtemp(`${process.env['TMPDIR'] || '/var/tmp'}/tspod-`);
  const path = `${folder}/archive`;
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    await pipeline(source, createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    remove();
    if (hasCode(error, 'MISSING_PROGRAM')) throw error;
    if (hasErrno(error, 'ENOSPC')) {
      throw new TspodError('NO_SPACE', `writing "${path}": no space left on device`, { cause: error });
    }
    throw new TspodError('CORRUPT_BLOB', `reading the archive: ${messageOf(error)}`, { cause: error });
  }
  return { path, remove };
}
