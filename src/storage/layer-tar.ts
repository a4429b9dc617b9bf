/** The very tar that a layer was unpacked from, byte for byte. */
import { createHash } from 'node:crypto';
import { TspodError } from '../errors.ts';
import { reassembleLayer } from '../system/reassemble.ts';
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
export async function* layerTar({ layer, folders, tarSplit }: LayerTarSource): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of naming(layer.id, reassembleLayer({ folders, tarSplit }))) {
    hash.update(chunk);
    yield chunk;
  }
  const expected = layer['diff-digest'];
  if (!expected || expected === `sha256:${hash.digest('hex')}`) return;
  throw corrupt(layer.id, 'layer content incorrect digest: file integrity checksum failed');
}

async function* naming(id: string, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* chunks;
  } catch (error) {
    if (error instanceof TspodError) throw corrupt(id, error.message, error);
    throw error;
  }
}

function corrupt(id: string, why: string, cause?: unknown): TspodError {
  return new TspodError('CORRUPT_STORE', `layer "${id}": ${why}`, { cause });
}
