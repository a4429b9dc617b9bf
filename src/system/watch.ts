/** Waiting for an fd in the event loop, without a thread. */
import { check, native, type WatchHandle } from './native.ts';

export const readable = 1;
export const writable = 2;

export interface Watch {
  /** Sets what to wait for: `readable`, `writable`, both or 0. Errors and hang-ups are always reported. */
  events(events: number): void;
  close(): void;
}

/** Calls `ready` whenever the fd is ready. The fd must stay open until `close`; it becomes non-blocking. */
export function watch(fd: number, ready: (events: number) => void): Watch {
  const handle = check<WatchHandle | number>(native().watch(fd, ready), 'watch') as WatchHandle;
  return {
    events: (events) => void check(native().watchEvents(handle, events), 'watch'),
    close: () => native().watchClose(handle),
  };
}

/** Waits until the fd is ready for one of the events. */
export function whenReady(fd: number, events: number): Promise<void> {
  return new Promise((resolve) => {
    const watched = watch(fd, () => {
      watched.close();
      resolve();
    });
    watched.events(events);
  });
}
