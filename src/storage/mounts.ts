/** mountpoints.json: which layers are mounted, where and how often. */
import { isMountpoint } from '../system/mount.ts';
import type { Driver } from './driver.ts';
import { ensureHome, finishUnmount, releaseHome } from './mount-home.ts';
import { parseMounts } from './parse-records.ts';
import type { StorePaths } from './paths.ts';
import { RecordFile } from './record-file.ts';
import type { MountRecord } from './records.ts';
import { underBothLocks, underLock } from './store-lock.ts';

export class Mounts {
  readonly #paths: StorePaths;
  readonly #driver: Driver;
  readonly #skipHome: boolean;
  readonly #file: RecordFile<MountRecord>;

  constructor(paths: StorePaths, driver: Driver, skipHome: boolean) {
    this.#paths = paths;
    this.#driver = driver;
    this.#skipHome = skipHome || !driver.mounts;
    this.#file = new RecordFile({ path: paths.mountpointsJson, parse: parseMounts, sync: false });
  }

  /** What mountpoints.json says. */
  recorded(): MountRecord[] {
    return this.#file.load();
  }

  /** What is recorded and, by the kernel's word, mounted: a reboot leaves stale records behind. */
  all(): MountRecord[] {
    return this.#file.load().filter((entry) => entry.count > 0 && this.#driver.isMounted(entry.path));
  }

  /**
   * Mounts a layer at `path` by `doMount`, unless it is mounted; counts the users. The record is written first: a
   * mount without a record would stay for ever should this process die, a record without a mount heals.
   */
  add(layer: string, path: string, doMount: () => void): string {
    return this.#update((entries, save) => {
      const entry = entries.find((candidate) => candidate.id === layer);
      if (entry && entry.count > 0 && this.#driver.isMounted(entry.path)) {
        entry.count += 1;
        save(entries);
        return entry.path;
      }
      const others = entries.filter((candidate) => candidate.id !== layer);
      save([...others, { id: layer, path, count: 1 }]);
      try {
        if (!this.#skipHome && path.startsWith(`${this.#paths.home}/`)) ensureHome(this.#paths.home);
        doMount();
      } catch (error) {
        save(others);
        throw error;
      }
      return path;
    });
  }

  /**
   * One user less; the last one, or `force`, unmounts.
   * @returns true if the layer is still mounted for others
   */
  drop(layer: string, force: boolean): boolean {
    return this.#update((entries, save) => {
      const entry = entries.find((candidate) => candidate.id === layer);
      if (!entry) return false;
      const stays = entry.count > 1 && !force && this.#driver.isMounted(entry.path);
      if (stays) entry.count -= 1;
      else if (this.#driver.mounts) finishUnmount(entry.path);
      save(stays ? entries : entries.filter((candidate) => candidate !== entry));
      return stays;
    });
  }

  /**
   * Undoes the mount of the driver's folder on itself that another tool made and left, if nothing is mounted below.
   * Podman does the same whenever it ends; Skopeo and killed tools do not.
   */
  releaseIdle(): void {
    if (!this.#skipHome && isMountpoint(this.#paths.home)) this.#update(() => undefined);
  }

  /**
   * storage.lock guards the mount of the driver's folder, mountpoints.lock the counts. layers.lock because Podman
   * before 4.4 writes the counts that it read when it took that lock, whatever has become of them since.
   */
  #update<T>(fn: (entries: MountRecord[], save: (entries: MountRecord[]) => void) => T): T {
    const { storageLock, layersLock, mountpointsLock } = this.#paths;
    return underBothLocks(storageLock, layersLock, () => this.#withCounts(mountpointsLock, fn));
  }

  #withCounts<T>(path: string, fn: (entries: MountRecord[], save: (entries: MountRecord[]) => void) => T): T {
    return underLock(path, (lock) => {
      let current = this.#file.load().map((entry) => ({ ...entry }));
      const save = (entries: MountRecord[]) => {
        lock.touch();
        this.#file.save(entries);
        current = entries;
      };
      try {
        return fn(current, save);
      } finally {
        if (!this.#skipHome && !current.some((entry) => this.#driver.isMounted(entry.path)))
          releaseHome(this.#paths.home);
      }
    });
  }
}
