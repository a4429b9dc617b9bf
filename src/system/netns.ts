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

/**
 * A file as a process in that network namespace sees it: one in /proc/thread-self/net or /proc/sys/net.
 * @throws ENOENT, EPERM, ... as errno errors, of the namespace or the file
 */
export function readInNetns(netns: string, path: string): string {
  const content = native().readInNetns(netns, path);
  return typeof content === 'string' ? content : String(check(content, 'open', path));
}

/** Writes a switch in /proc/sys/net of that network namespace. */
export function writeInNetns(netns: string, path: string, content: string): void {
  check(native().writeInNetns(netns, path, content), 'write', path);
}
