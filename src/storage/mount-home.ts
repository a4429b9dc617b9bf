/**
 * The driver's folder as a mount point of its own. Podman binds GRAPHROOT/overlay on itself, private, whenever it
 * opens a store; had tspod mounted containers below it before, they would be hidden under that bind. So tspod does
 * the same first, and undoes it when nothing is mounted below any more (as Podman does when it ends).
 */
import { hasErrno } from '../errors.ts';
import { isMountpoint, mount, unmount } from '../system/mount.ts';

/** Call with storage.lock held. */
export function ensureHome(overlay: string): void {
  if (isMountpoint(overlay)) return;
  mount({ source: overlay, target: overlay, flags: ['bind'] });
  mount({ target: overlay, flags: ['private'] });
}

/** Call with storage.lock held, when mountpoints.json is empty. */
export function releaseHome(overlay: string): void {
  finishUnmount(overlay);
}

/** Unmounts; not mounted or not there is fine. */
export function finishUnmount(target: string): void {
  try {
    unmount(target, { detach: true });
  } catch (error) {
    if (!hasErrno(error, 'EINVAL', 'ENOENT', 'ENOTDIR')) throw error;
  }
}
