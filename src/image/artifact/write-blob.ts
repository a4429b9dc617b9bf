/** Blobs that come into the artifact store: nothing has its name before it is whole and checked. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, renameSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { hasErrno, TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import { detectType } from '../artifact-type.ts';
import type { ArtifactStore } from './store.ts';

export interface StoredBlob {
  digest: Digest;
  size: number;
  /** The media type that its first bytes look like. */
  type: string;
}

/** Copies a file into the store. @throws errno errors */
export function storeFile(artifacts: ArtifactStore, file: string): Promise<StoredBlob> {
  return storeBlob(artifacts, createReadStream(file, { highWaterMark: 1024 * 1024 }));
}

/** @param expected what the blob must be. @throws TspodError CORRUPT_BLOB, NO_SPACE */
export async function storeBlob(
  artifacts: ArtifactStore,
  source: AsyncIterable<Uint8Array>,
  expected?: Digest,
): Promise<StoredBlob> {
  // Whoever holds the lock deletes what is not a blob of a manifest, also this after a crash.
  const path = `${artifacts.folder}/blobs/sha256/new-blob`;
  rmSync(path, { force: true });
  try {
    const blob = await write(path, source);
    if (expected && blob.digest !== expected) {
      throw new TspodError('CORRUPT_BLOB', `Digest did not match, expected ${expected}, got ${blob.digest}`);
    }
    const to = artifacts.blobPath(blob.digest);
    if (!existsSync(to)) renameSync(path, to);
    return blob;
  } catch (error) {
    if (!hasErrno(error, 'ENOSPC')) throw error;
    throw new TspodError('NO_SPACE', `writing to "${artifacts.folder}": no space left on device`, { cause: error });
  } finally {
    rmSync(path, { force: true });
  }
}

async function write(path: string, source: AsyncIterable<Uint8Array>): Promise<StoredBlob> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o644);
  let size = 0;
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of source) {
      if (head.length < 512) head = Buffer.concat([head, chunk.subarray(0, 512 - head.length)]);
      hash.update(chunk);
      for (let rest = chunk; rest.length > 0; ) rest = rest.subarray((await file.write(rest)).bytesWritten);
      size += chunk.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const type = detectType(head);
  return { digest: `sha256:${hash.digest('hex')}`, size, type: /^text\//.test(type) ? `${type}; charset=utf-8` : type };
}
