import { type FSWatcher, watch } from 'node:fs';
import { dirname } from 'node:path';

export interface Changes {
  /** Resolves when something happened since the last call; at once if it did already. */
  next(): Promise<void>;
  wake(): void;
  close(): void;
}

/** A network file system reports no changes of others. */
const fallbackMs = 1000;

/** Watches a file, which may not exist yet or be replaced: so its folder is watched. */
export function changes(path: string): Changes {
  let pending = true;
  let resolve: (() => void) | null = null;
  const wake = () => {
    pending = true;
    resolve?.();
  };
  const watcher = openWatcher(dirname(path), wake);
  const timer = setInterval(wake, fallbackMs);
  return {
    async next() {
      if (!pending) {
        await new Promise<void>((done) => {
          resolve = done;
        });
      }
      resolve = null;
      pending = false;
    },
    wake,
    close() {
      watcher?.close();
      clearInterval(timer);
    },
  };
}

function openWatcher(folder: string, wake: () => void): FSWatcher | null {
  try {
    return watch(folder, wake).on('error', wake);
  } catch {
    return null; // the limit of inotify watches is reached: the timer goes on
  }
}
