/**
 * Images that are mounted for a container. The store counts the users of a mount but does not know them: a note beside
 * the container keeps a release that comes twice from taking the count of somebody else.
 */
import { appendFileSync, readFileSync, rmSync } from 'node:fs';
import { containerRunDir } from '../config/paths.ts';
import { hasErrno } from '../errors.ts';
import type { RuntimeContext } from './context.ts';

/** Mounts an image for a container until `imageVolumesDown`. Returns where. */
export function imageVolumeUp(rt: RuntimeContext, id: string, imageId: string): string {
  const path = rt.store.mountImage(imageId);
  appendFileSync(notePath(rt, id), `${imageId}\n`);
  return path;
}

/** Lets go what `imageVolumeUp` mounted. Idempotent; the note goes first: a mount too many harms nobody. */
export function imageVolumesDown(rt: RuntimeContext, id: string): void {
  const imageIds = noted(notePath(rt, id));
  if (imageIds.length === 0) return;
  rmSync(notePath(rt, id), { force: true });
  for (const imageId of imageIds) rt.store.unmountImage(imageId);
}

function noted(path: string): string[] {
  try {
    return readFileSync(path, 'utf8').split('\n').filter(Boolean);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

function notePath(rt: RuntimeContext, id: string): string {
  return `${containerRunDir(rt.paths, id)}/image-volumes`;
}
