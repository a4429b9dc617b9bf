/** Our standard input, passed on to the container. */
import type { AttachSocket } from '../../system/seqpacket.ts';
import { makeRaw } from '../../system/terminal.ts';
import { DetachFilter, parseDetachKeys } from './detach-keys.ts';

export interface Input {
  /** Gives the terminal back as it was. */
  stop(): void;
}

/** Starts to pass on input. With a terminal on both sides it becomes raw: the container's terminal does the editing. */
export function forwardInput(socket: AttachSocket, tty: boolean, detachKeys: string, onDetach: () => void): Input {
  const stdin = process.stdin;
  const filter = new DetachFilter(tty ? parseDetachKeys(detachKeys) : []);
  let last: Promise<void> = Promise.resolve();

  const onData = (chunk: Buffer) => {
    const { data, detached } = filter.feed(chunk);
    // The next chunk waits until the monitor took this one: nothing piles up here.
    if (data.length > 0) {
      stdin.pause();
      last = socket.write(data).then(() => void stdin.resume(), ignoreGone);
    }
    if (detached) void last.then(onDetach);
  };
  const onEnd = () => void last.then(() => socket.shutdownWrite());

  const restore = tty ? makeRaw(0) : null;
  stdin.on('data', onData).on('end', onEnd).on('error', onEnd);
  return {
    stop() {
      stdin.off('data', onData).off('end', onEnd).off('error', onEnd);
      restore?.();
      stdin.pause();
      stdin.unref?.();
    },
  };
}

// The container ended while we wrote: its output tells the rest.
function ignoreGone(): void {}
