/** Writes a blob into a temporary file: an archive wants to know its size and its digest first. */
import { createReadStream, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { BlobFacts, BlobStream } from './layer-blob.ts';

export interface BlobFile extends BlobFacts {
  path: string;
  stream(): AsyncIterable<Uint8Array>;
  remove(): void;
}

/** @param folder exists, and is the caller's to delete */
export async function blobFile(source: BlobStream, folder: string): Promise<BlobFile> {
  const path = `${folder}/blob-${process.hrtime.bigint()}`;
  const file = await open(path, 'wx', 0o600);
  try {
    await source.writeTo(file.fd);
  } finally {
    await file.close();
  }
  return {
    ...source.result(),
    path,
    stream: () => createReadStream(path, { highWaterMark: 1024 * 1024 }),
    remove: () => rmSync(path, { force: true }),
  };
}
