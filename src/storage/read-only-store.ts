/** An additional image store: another graph root whose images can be used from here and never change by us. */
import { ImageStore } from './image-store.ts';
import { parseLayers } from './parse-records.ts';
import { type DriverName, storePaths } from './paths.ts';
import { RecordFile } from './record-file.ts';
import type { ImageRecord, LayerRecord } from './records.ts';

export class ReadOnlyStore {
  readonly layerFolders: string;
  readonly layerDir: string;
  readonly bigDataOf: ImageStore;
  readonly #layers: RecordFile<LayerRecord>;

  constructor(graphRoot: string, driver: DriverName) {
    const paths = storePaths(graphRoot, '/nonexistent', { driver });
    this.layerFolders = paths.layerFolders;
    this.layerDir = paths.layerDir;
    this.bigDataOf = new ImageStore(paths);
    this.#layers = new RecordFile({ path: paths.layersJson, parse: parseLayers, sync: false });
  }

  images(): ImageRecord[] {
    return this.bigDataOf.all();
  }

  hasImage(id: string): boolean {
    return this.bigDataOf.get(id) !== null;
  }

  layers(): LayerRecord[] {
    return this.#layers.peek().filter((layer) => layer.flags?.incomplete !== true);
  }
}
