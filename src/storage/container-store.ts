/** containers.json and volatile-containers.json. */
import { parseContainers } from './parse-records.ts';
import type { StorePaths } from './paths.ts';
import { RecordFile } from './record-file.ts';
import type { ContainerRecord } from './records.ts';
import { type HeldLock, underLock } from './store-lock.ts';

export class ContainerStore {
  readonly #paths: StorePaths;
  readonly #permanent: RecordFile<ContainerRecord>;
  readonly #volatile: RecordFile<ContainerRecord>;

  constructor(paths: StorePaths) {
    this.#paths = paths;
    this.#permanent = new RecordFile({ path: paths.containersJson, parse: parseContainers, sync: true });
    this.#volatile = new RecordFile({ path: paths.volatileContainersJson, parse: parseContainers, sync: false });
  }

  /** Containers of every tool that uses the store. */
  all(): ContainerRecord[] {
    const permanent = this.#permanent.load();
    const known = new Set(permanent.map((container) => container.id));
    return [...permanent, ...this.#volatile.load().filter((container) => !known.has(container.id))];
  }

  /** The container with this id, or null. */
  get(id: string): ContainerRecord | null {
    return this.all().find((container) => container.id === id) ?? null;
  }

  /** Runs `fn` under containers.lock. */
  update<T>(fn: (session: ContainerSession) => T): T {
    return underLock(this.#paths.containersLock, (lock) =>
      fn(new ContainerSession({ lock, permanent: this.#permanent, volatile: this.#volatile })),
    );
  }
}

interface SessionParts {
  lock: HeldLock;
  permanent: RecordFile<ContainerRecord>;
  volatile: RecordFile<ContainerRecord>;
}

/** What can be done with containers while containers.lock is held. */
export class ContainerSession {
  readonly #parts: SessionParts;

  constructor(parts: SessionParts) {
    this.#parts = parts;
  }

  all(): ContainerRecord[] {
    return [...this.#parts.permanent.load(), ...this.#parts.volatile.load()];
  }

  add(container: ContainerRecord, volatile: boolean): void {
    const file = volatile ? this.#parts.volatile : this.#parts.permanent;
    this.#save(file, [...file.load(), container]);
  }

  /** Writes only the file that has the container. */
  remove(ids: string[]): void {
    const gone = new Set(ids);
    for (const file of [this.#parts.volatile, this.#parts.permanent]) {
      const containers = file.load();
      const rest = containers.filter((container) => !gone.has(container.id));
      if (rest.length < containers.length) this.#save(file, rest);
    }
  }

  replace(container: ContainerRecord): void {
    for (const file of [this.#parts.volatile, this.#parts.permanent]) {
      const containers = file.load();
      if (!containers.some((other) => other.id === container.id)) continue;
      this.#save(
        file,
        containers.map((other) => (other.id === container.id ? container : other)),
      );
    }
  }

  #save(file: RecordFile<ContainerRecord>, containers: ContainerRecord[]): void {
    this.#parts.lock.touch();
    file.save(containers);
  }
}
