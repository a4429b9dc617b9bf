import { fstatSync, openSync, writeSync } from 'node:fs';
import { messageOf, TspodError } from '../errors.ts';

let stdoutFd = 1;

/** --out and --noout: what would go to standard output goes to this file. @throws SYSTEM */
export function redirectStdout(path: string): void {
  try {
    stdoutFd = openSync(path, 'w', 0o644);
  } catch (cause) {
    throw new TspodError('SYSTEM', `unable to open file for standard output: ${messageOf(cause)}`, { cause });
  }
}

/**
 * Writes all of `text` before it returns. Node's process.stdout costs milliseconds to make and loses what is queued
 * when the process ends; a plain write does neither.
 *
 * @throws the errno error, except EPIPE: who reads no more wants no more, so the process ends as SIGPIPE would end it
 */
export function writeAll(fd: number, text: string | Uint8Array): void {
  const target = fd === 1 ? stdoutFd : fd;
  let rest = typeof text === 'string' ? Buffer.from(text) : text;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(writeSync(target, rest));
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === 'EPIPE') process.exit(141);
      if (code !== 'EAGAIN') throw error;
      // Somebody set this pipe to non-blocking and it is full: there is nothing to do but wait for the reader.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

/** True when `fd` is a terminal. Asks the kernel only when it can be one: node:tty takes time to load. */
export function isTerminal(fd: number): boolean {
  try {
    const { mode, rdev } = fstatSync(fd);
    const isCharacterDevice = (mode & 0o170000) === 0o020000;
    // 1 is memory devices: /dev/null is the usual one.
    return isCharacterDevice && rdev >> 8 !== 1 && process.getBuiltinModule('node:tty').isatty(fd);
  } catch {
    return false;
  }
}
