/** The very tar that a layer was unpacked from, byte for byte, as it is or compressed. */
import { TspodError } from '../errors.ts';
import { type PackedStream, type PackOptions, packLayer } from '../system/pack.ts';
import type { LayerRecord } from './records.ts';

export interface LayerTarSource {
  layer: LayerRecord;
  /** The layer's `diff`, then those below it: a file may have come from there. */
  folders: string[];
  tarSplit: string;
}

/** How a layer leaves the store. */
export type LayerEncoding = Pick<PackOptions, 'compression' | 'level' | 'perFile'>;

/**
 * Streams the tar; its digest is compared with the recorded one before the last bytes are given out.
 * @throws CORRUPT_STORE when the tar-split file or a file of the layer is missing or was changed
 */
export function layerTar({ layer, folders, tarSplit }: LayerTarSource, encoding: LayerEncoding = {}): PackedStream {
  const packed = packLayer({ folders, tarSplit, diffId: layer['diff-digest'], ...encoding });
  const chunks = async function* () {
    try {
      yield* packed;
    } catch (error) {
      throw named(layer.id, error);
    }
  };
  const writeTo = (fd: number) =>
    packed.writeTo(fd).catch((error: unknown) => {
      throw named(layer.id, error);
    });
  return { [Symbol.asyncIterator]: chunks, writeTo, result: () => packed.result() };
}

function named(id: string, error: unknown): unknown {
  if (!(error instanceof TspodError) || error.code !== 'CORRUPT_STORE') return error;
  return new TspodError('CORRUPT_STORE', `layer "${id}": ${error.message}`, { cause: error });
}
