/** What can be done with layers while layers.lock is held, and the recovery after a crash. */
import { existsSync, rmSync } from 'node:fs';
import type { Driver } from './driver.ts';
import type { StorePaths } from './paths.ts';
import type { RecordFile } from './record-file.ts';
import type { LayerRecord } from './records.ts';
import type { HeldLock } from './store-lock.ts';
import type { Trash } from './trash.ts';

/** Journal flag: should the process die, this layer goes too if it is complete by then and nothing stands on it. */
const unlessUsed = 'tspod-unless-used';

/** What stands on layers, for the recovery after a crash. */
export interface LayerUsers {
  /** An image or a container has this very layer on top. */
  isNeeded(layer: string): boolean;
  /** Layers that are the writable layer of a container. */
  ofContainers(): Set<string>;
  /** Removes the records of containers whose writable layer was never finished, or is half deleted. */
  dropContainers(layers: string[]): void;
}

export interface SessionParts {
  paths: StorePaths;
  driver: Driver;
  permanent: RecordFile<LayerRecord>;
  volatile: RecordFile<LayerRecord>;
  lock: HeldLock;
  trash: Trash;
}

/** What can be done with layers while layers.lock is held. */
export class LayerSession {
  readonly #parts: SessionParts;
  #volatile: LayerRecord[];

  constructor(parts: SessionParts) {
    this.#parts = parts;
    this.#volatile = [...parts.volatile.load()];
  }

  /** Permanent layers; layers that another tool left incomplete are removed first. */
  permanent(): LayerRecord[] {
    const layers = this.#parts.permanent.load();
    if (layers.every(isComplete)) return layers;
    for (const layer of layers) if (!isComplete(layer)) this.#takeFiles(layer.id);
    this.savePermanent(layers.filter(isComplete));
    return this.#parts.permanent.load();
  }

  volatile(): LayerRecord[] {
    return this.#volatile.filter(isComplete);
  }

  /** Announces layers that are about to be made: their folders go if this process dies before they are complete. */
  announce(layers: LayerRecord[]): void {
    const marks = layers.map((layer) => ({
      ...layer,
      flags: { ...layer.flags, incomplete: true, [unlessUsed]: true },
    }));
    this.#saveVolatile([...this.#volatile, ...marks]);
  }

  /** Records announced layers of an image; `settle` when the image is recorded too. */
  addPermanent(layers: LayerRecord[]): void {
    this.savePermanent([...this.permanent(), ...layers]);
  }

  /**
   * Records the layer of a volatile container before its folder is made. No mark is needed: a volatile layer exists
   * for a container, and one that has none is rubbish to whoever holds this lock.
   */
  addVolatile(layer: LayerRecord): void {
    this.#saveVolatile([...this.#volatile, layer]);
  }

  /** Takes marks out of the journal: what was announced is done. */
  settle(ids: string[]): void {
    const done = new Set(ids);
    this.#saveVolatile(this.#volatile.filter((layer) => !done.has(layer.id)));
  }

  /** Throws away a folder that has this id and no record: a crash of an older Podman left it. */
  clear(id: string): void {
    if (existsSync(`${this.#parts.paths.layerFolders}/${id}`)) this.#takeFiles(id);
  }

  /** Takes back an announcement: the folders of these layers are thrown away. */
  abandon(ids: string[]): void {
    for (const id of ids) this.#takeFiles(id);
    if (ids.length > 0) this.settle(ids);
  }

  /** First step of a deletion; layers that are still needed by then must not be announced. */
  announceDelete(ids: string[]): void {
    const gone = new Set(ids);
    const marks = ids.map((id) => journalEntry(id));
    const rest = this.#volatile.filter((layer) => !gone.has(layer.id));
    this.#saveVolatile([...rest, ...marks]);
  }

  /** Second step: the records and the folders go. */
  finishDelete(ids: string[]): void {
    const gone = new Set(ids);
    this.savePermanent(this.permanent().filter((layer) => !gone.has(layer.id)));
    this.abandon(ids);
  }

  savePermanent(layers: LayerRecord[]): void {
    this.#parts.lock.touch();
    this.#parts.permanent.save(layers);
  }

  /** Removes what the journal says is incomplete, and volatile layers whose container is gone or never came. */
  recover(users: LayerUsers): void {
    if (this.#volatile.length === 0) return;
    const owned = users.ofContainers();
    const orphans = this.#volatile.filter((layer) => isComplete(layer) && !owned.has(layer.id));
    const marked = this.#volatile.filter((layer) => !isComplete(layer));
    if (orphans.length + marked.length === 0) return;
    const complete = marked.length === 0 ? new Set() : new Set(this.permanent().map((layer) => layer.id));
    const lost = marked.filter((layer) => !complete.has(layer.id));
    const unfinished = marked.filter((layer) => complete.has(layer.id) && layer.flags?.[unlessUsed] === true);
    users.dropContainers(lost.map((layer) => layer.id));
    for (const { id } of [...orphans, ...lost]) this.#takeFiles(id);
    this.#saveVolatile(this.#volatile.filter((layer) => isComplete(layer) && owned.has(layer.id)));
    this.#deleteUnused(
      unfinished.map((layer) => layer.id),
      users,
    );
  }

  #deleteUnused(candidates: string[], users: LayerUsers): void {
    if (candidates.length === 0) return;
    const ids = withoutNeeded(this.permanent(), candidates, users.isNeeded);
    if (ids.length === 0) return;
    this.announceDelete(ids);
    this.finishDelete(ids);
  }

  #takeFiles(id: string): void {
    const { paths, driver, trash } = this.#parts;
    driver.take(paths, id, trash.folder());
    rmSync(`${paths.layerDir}/${id}.tar-split.gz`, { force: true });
    rmSync(`${paths.layerDir}/${id}`, { recursive: true, force: true });
  }

  #saveVolatile(layers: LayerRecord[]): void {
    this.#volatile = layers;
    this.#parts.lock.touch();
    this.#parts.volatile.save(layers);
  }
}

/** Those of `ids` that no image or container and no layer that stays is built on. */
export function withoutNeeded(layers: LayerRecord[], ids: string[], isNeeded: (id: string) => boolean): string[] {
  const going = new Set(ids.filter((id) => !isNeeded(id)));
  for (let before = -1; before !== going.size; ) {
    before = going.size;
    for (const layer of layers) if (layer.parent && !going.has(layer.id)) going.delete(layer.parent);
  }
  return ids.filter((id) => going.has(id));
}

/** False for a layer that is being made or deleted. */
export function isComplete(layer: LayerRecord): boolean {
  return layer.flags?.incomplete !== true;
}

function journalEntry(id: string): LayerRecord {
  return { id, created: new Date().toISOString(), flags: { incomplete: true, [unlessUsed]: true } };
}
