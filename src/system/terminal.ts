/** Terminal modes and size, without loading node:tty. */
import { check, native } from './native.ts';

/**
 * Lets input and output pass unchanged. Returns the function that gives the terminal back as it was (the end of the
 * process does too), or null when the fd is no terminal.
 */
export function makeRaw(fd: number): (() => void) | null {
  const modes = native().makeRaw(fd);
  if (modes === -25 /* ENOTTY */) return null;
  const before = check<Buffer | number>(modes, 'tcsetattr') as Buffer;
  const restore = () => {
    process.off('exit', restore);
    native().setModes(fd, before);
  };
  process.on('exit', restore);
  return restore;
}

/** Null when the fd is no terminal. */
export function windowSize(fd: number): { rows: number; columns: number } | null {
  const size = native().windowSize(fd);
  return size < 0 ? null : { rows: size >> 16, columns: size & 0xffff };
}
