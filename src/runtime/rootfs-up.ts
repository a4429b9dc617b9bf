/** `--rootfs PATH:O`: the folder is not written to, an overlay that goes with the container is. */
import { mkdirSync } from 'node:fs';
import { bundleDir } from '../config/paths.ts';
import { isMountpoint, mountOverlay, unmount } from '../system/mount.ts';
import type { ContainerConfig } from './container.ts';
import type { RuntimeContext } from './context.ts';

/** The path of the root file system. */
export function rootfsUp(rt: RuntimeContext, { id, rootfs, rootfsOverlay, infra }: ContainerConfig): string {
  // The empty folder of the infra containers is in a tmpfs.
  if (infra?.init) mkdirSync(rootfs, { recursive: true, mode: 0o755 });
  if (!rootfsOverlay) return rootfs;
  const folder = overlayFolder(rt, id);
  const [upper, work, target] = ['upper', 'work', 'merged'].map((name) => `${folder}/${name}`) as [
    string,
    string,
    string,
  ];
  for (const path of [upper, work, target]) mkdirSync(path, { recursive: true, mode: 0o755 });
  if (!isMountpoint(target)) mountOverlay({ target, lowers: [rootfs], upper, work });
  return target;
}

/** Idempotent. */
export function rootfsDown(rt: RuntimeContext, { id, rootfsOverlay }: ContainerConfig): void {
  if (!rootfsOverlay) return;
  const target = `${overlayFolder(rt, id)}/merged`;
  if (isMountpoint(target)) unmount(target, { detach: true });
}

function overlayFolder(rt: RuntimeContext, id: string): string {
  return `${bundleDir(rt.paths, id)}/rootfs`;
}
