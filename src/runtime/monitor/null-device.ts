import { openSync } from 'node:fs';

let fd: number | undefined;

/** /dev/null, opened once. */
export function openNull(): number {
  fd ??= openSync('/dev/null', 'r+');
  return fd;
}
