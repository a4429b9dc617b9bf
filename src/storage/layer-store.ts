/**
 * layers.json and volatile-layers.json.
 *
 * volatile-layers.json, which is never synced, is also the journal: before a layer's folder is made or removed, a
 * record with the same id and `flags.incomplete` stands there. Podman 5 and tspod take a record that is incomplete
 * and not in layers.json as rubbish and remove its folder, and drop one that is in layers.json too. So one synced
 * write of layers.json is the moment at which layers come or go, however many they are.
 */
import type { Driver } from './driver.ts';
import { isComplete, LayerSession, type LayerUsers } from './layer-session.ts';
import { parseLayers } from './parse-records.ts';
import type { StorePaths } from './paths.ts';
import { RecordFile } from './record-file.ts';
import type { LayerRecord } from './records.ts';
import { underLock } from './store-lock.ts';
import { Trash } from './trash.ts';

export class LayerStore {
  readonly #paths: StorePaths;
  readonly #permanent: RecordFile<LayerRecord>;
  readonly #volatile: RecordFile<LayerRecord>;

  readonly #driver: Driver;
  readonly #users: LayerUsers;

  constructor(paths: StorePaths, driver: Driver, users: LayerUsers) {
    this.#paths = paths;
    this.#driver = driver;
    this.#users = users;
    this.#permanent = new RecordFile({ path: paths.layersJson, parse: parseLayers, sync: true });
    this.#volatile = new RecordFile({ path: paths.volatileLayersJson, parse: parseLayers, sync: false });
  }

  /**
   * Complete layers, those of images before those of `--rm` containers. The same array as long as nothing changed,
   * give or take some milliseconds.
   */
  all(): readonly LayerRecord[] {
    const permanent = this.#permanent.peek();
    const volatile = this.#volatile.peek();
    const cached = this.#all;
    if (cached?.permanent === permanent && cached.volatile === volatile) return cached.layers;
    const known = new Set(permanent.map((layer) => layer.id));
    const own = volatile.filter((layer) => !known.has(layer.id));
    this.#all = { permanent, volatile, layers: [...permanent, ...own].filter(isComplete) };
    return this.#all.layers;
  }

  #all: { permanent: LayerRecord[]; volatile: LayerRecord[]; layers: LayerRecord[] } | undefined;

  /**
   * Runs `fn` under layers.lock, after what a dead process left incomplete was removed. Folders that `fn` or the
   * recovery threw away are deleted when the lock is free again; `inBackground`: nobody waits for that.
   */
  update<T>(fn: (session: LayerSession) => T, { inBackground = false, takeTrash }: UpdateOptions = {}): T {
    const trash = new Trash(this.#paths);
    try {
      return underLock(this.#paths.layersLock, (lock) => {
        const session = new LayerSession({
          paths: this.#paths,
          driver: this.#driver,
          permanent: this.#permanent,
          volatile: this.#volatile,
          lock,
          trash,
        });
        session.recover(this.#users);
        return fn(session);
      });
    } finally {
      if (takeTrash) takeTrash(trash);
      else trash.empty(inBackground);
    }
  }
}

export interface UpdateOptions {
  /** What was thrown away is deleted by a process of its own: nobody waits for it. */
  inBackground?: boolean;
  /** Receives what was thrown away, to empty it as it likes. */
  takeTrash?: (trash: Trash) => void;
}
