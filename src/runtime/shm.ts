/** /dev/shm of containers whose IPC namespace others may join: a tmpfs of the host that all of them see. */
import { mkdirSync } from 'node:fs';
import { containerRunDir } from '../config/paths.ts';
import { isMountpoint, mount, unmount } from '../system/mount.ts';
import type { ContainerConfig } from './container.ts';
import type { RuntimeContext } from './context.ts';

const defaultSize = 64 << 20;

/** The path to bind at /dev/shm; null when the container has one of its own, the host's, or none. */
export function shmUp(rt: RuntimeContext, { id, ipc, shmSize }: ContainerConfig): string | null {
  if (ipc.mode === 'container') return existing(shmPath(rt, ipc.id));
  if (ipc.mode !== 'shareable') return null;
  const target = shmPath(rt, id);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  if (isMountpoint(target)) return target;
  const data = `mode=1777,size=${shmSize ?? defaultSize}`;
  mount({ source: 'shm', target, type: 'tmpfs', flags: ['nosuid', 'nodev', 'noexec'], data });
  return target;
}

/** Idempotent. */
export function shmDown(rt: RuntimeContext, { id, ipc }: ContainerConfig): void {
  const target = shmPath(rt, id);
  if (ipc.mode === 'shareable' && isMountpoint(target)) unmount(target, { detach: true });
}

function existing(path: string): string | null {
  return isMountpoint(path) ? path : null;
}

function shmPath(rt: RuntimeContext, id: string): string {
  return `${containerRunDir(rt.paths, id)}/shm`;
}
