/** Layers that were thrown away under a lock, to be deleted when it is free again. */
import type { StorePaths } from './paths.ts';
import { newTempDir, type TempDir } from './temp-dir.ts';

/** The folder for deleted layers, made when the first one comes. */
export class Trash {
  readonly #paths: StorePaths;
  #dir: TempDir | undefined;

  constructor(paths: StorePaths) {
    this.#paths = paths;
  }

  folder(): TempDir {
    this.#dir ??= newTempDir(this.#paths.tempDirs);
    return this.#dir;
  }

  async emptyTogether(): Promise<void> {
    await this.#dir?.removeTogether();
  }

  empty(inBackground: boolean): void {
    if (inBackground) this.#dir?.removeInBackground();
    else this.#dir?.remove();
  }
}
