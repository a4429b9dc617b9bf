/** Network namespaces that outlive their maker. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { check, native } from './native.ts';

/** Makes a network namespace with its loopback up, held by a bind mount on `path`, which must not exist; its folder may. */
export function createNetns(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  check(native().createNetns(path), 'unshare', path);
}

/** Lets go of the namespace; the kernel frees it when its last process ends. No error if it is gone already. */
export function removeNetns(path: string): void {
  check(native().removeNetns(path), 'umount', path);
}
