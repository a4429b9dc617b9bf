/**
 * Unpacks a layer into a folder that no record knows yet. No store lock is held: as many layers as one likes can be
 * unpacked at once, by any number of processes.
 */
import { mkdirSync } from 'node:fs';
import type { Digest } from '../oci/digest.ts';
import type { UnpackResult } from '../system/unpack.ts';
import type { StorePaths } from './paths.ts';
import { storeError } from './record-file.ts';
import { newTempDir, type TempDir } from './temp-dir.ts';

/** What a layer has to be; a blob that is not is refused. */
export interface ExpectedLayer {
  /** Of the compressed blob. */
  digest?: Digest;
  /** Bytes of the compressed blob. */
  size?: number;
  diffId?: Digest;
  /** The table of contents by which it was fetched in parts: then no digest of a blob is known. */
  tocDigest?: Digest;
  ignoreChownErrors?: boolean;
}

/** A complete layer that waits to be committed or discarded. */
export interface StagedLayer {
  diffId: Digest;
  result: UnpackResult;
  tocDigest?: Digest;
  /** Holds `layer/diff`. */
  folder: TempDir;
  /** Holds `tar-split.gz`. */
  tarSplit: TempDir;
}

/**
 * Reads the source to its end and unpacks it.
 * @throws CORRUPT_BLOB for a wrong digest, size or format, REFUSED_LAYER naming the entry, NO_SPACE
 */
export async function stageLayer(
  paths: StorePaths,
  source: AsyncIterable<Uint8Array>,
  expect: ExpectedLayer,
): Promise<StagedLayer> {
  const folder = newTempDir(paths.tempDirs);
  const tarSplit = newTempDir(paths.layerTempDirs);
  try {
    mkdirSync(`${folder.path}/layer/diff`, { recursive: true, mode: 0o700 });
    const result = await unpack({ folder, tarSplit }, source, expect);
    const { tocDigest } = expect;
    return { diffId: result.diffId, result, ...(tocDigest ? { tocDigest } : {}), folder, tarSplit };
  } catch (error) {
    folder.remove();
    tarSplit.remove();
    throw storeError(error, paths.tempDirs);
  }
}

/** Deletes what was unpacked. */
export function discardLayer(staged: StagedLayer): void {
  staged.folder.remove();
  staged.tarSplit.remove();
}

async function unpack(
  { folder, tarSplit }: { folder: TempDir; tarSplit: TempDir },
  source: AsyncIterable<Uint8Array>,
  expect: ExpectedLayer,
): Promise<UnpackResult> {
  const { createUnpacker } = await import('../system/unpack.ts');
  const unpacker = createUnpacker({
    dir: `${folder.path}/layer/diff`,
    tarSplit: `${tarSplit.path}/tar-split.gz`,
    ...(expect.digest ? { expectedDigest: expect.digest } : {}),
    ...(expect.size === undefined ? {} : { expectedSize: expect.size }),
    ...(expect.diffId ? { expectedDiffId: expect.diffId } : {}),
    ignoreChownErrors: expect.ignoreChownErrors ?? false,
  });
  try {
    for await (const chunk of source) {
      const ready = unpacker.write(chunk);
      if (ready !== true) await ready;
    }
    return await unpacker.finish();
  } catch (error) {
    await unpacker.abort();
    throw error;
  }
}
