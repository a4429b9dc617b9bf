/** mountpoints.json: which layers are mounted, where and how often. */
import { isMountpoint } from '../system/mount.ts';
import { ensureHome, finishUnmount, releaseHome } from './mount-home.ts';
import { parseMounts } from './parse-records.ts';
import type { StorePaths } from './paths.ts';
import { RecordFile } from './record-file.ts';
import type { MountRecord } from './records.ts';
import { underLock } from './store-lock.ts';

export class Mounts {
  readonly #paths: StorePaths;
  readonly #skipHome: boolean;
  readonly #file: RecordFile<MountRecord>;

  constructor(paths: StorePaths, skipHome: boolean) {
    this.#paths = paths;
    this.#skipHome = skipHome;
    this.#file = new RecordFile({ path: paths.mountpointsJson, parse: parseMounts, sync: false });
  }

  /** What mountpoints.json says. */
  recorded(): MountRecord[] {
    return this.#file.load();
  }

  /** What is recorded and, by the kernel's word, mounted: a reboot leaves stale records behind. */
  all(): MountRecord[] {
    return this.#file.load().filter((entry) => entry.count > 0 && isMountpoint(entry.path));
  }

  /** Mounts a layer by `doMount`, which returns the path, unless it is mounted; counts the users. */
  add(layer: string, doMount: () => string): string {
    return this.#update((entries) => {
      const entry = entries.find((candidate) => candidate.id === layer);
      if (entry && entry.count > 0 && isMountpoint(entry.path)) {
        entry.count += 1;
        return { entries, result: entry.path };
      }
      if (!this.#skipHome) ensureHome(this.#paths.overlay);
      const path = doMount();
      const others = entries.filter((candidate) => candidate.id !== layer);
      return { entries: [...others, { id: layer, path, count: 1 }], result: path };
    });
  }

  /**
   * One user less; the last one, or `force`, unmounts.
   * @returns true if the layer is still mounted for others
   */
  drop(layer: string, force: boolean): boolean {
    return this.#update((entries) => {
      const entry = entries.find((candidate) => candidate.id === layer);
      if (!entry) return { entries: null, result: false };
      if (entry.count > 1 && !force) {
        entry.count -= 1;
        return { entries, result: true };
      }
      finishUnmount(entry.path);
      return { entries: entries.filter((candidate) => candidate !== entry), result: false };
    });
  }

  /**
   * storage.lock guards the mount of the driver's folder, mountpoints.lock the counts. A record whose mount is gone
   * (after a reboot) is left out when the file is written.
   */
  #update<T>(fn: (entries: MountRecord[]) => { entries: MountRecord[] | null; result: T }): T {
    return underLock(this.#paths.storageLock, () =>
      underLock(this.#paths.mountpointsLock, (lock) => {
        const { entries, result } = fn(this.#file.load().map((entry) => ({ ...entry })));
        if (entries === null) return result;
        lock.touch();
        this.#file.save(entries);
        if (!this.#skipHome && !entries.some((entry) => isMountpoint(entry.path))) releaseHome(this.#paths.overlay);
        return result;
      }),
    );
  }
}
