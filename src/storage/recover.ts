/** Cleans up after processes that died: staging folders, half-made layers, temporary files. */
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { underLock } from './store-lock.ts';
import type { StoreParts } from './store-parts.ts';
import { recoverTempDirs } from './temp-dir.ts';

/** Done by every command that adds or removes images. */
export function recoverStore(parts: StoreParts): void {
  const { own } = parts.homes;
  if (!existsSync(own.graphRoot)) return;
  recoverTempDirs(own.tempDirs);
  recoverTempDirs(own.layerTempDirs);
  parts.layers.update((session) => session.permanent());
  if (existsSync(own.imageDir)) parts.images.update((session) => session.removeOrphans());
  parts.mounts.releaseIdle();
  for (const lock of [own.layersLock, own.imagesLock, own.containersLock, own.mountpointsLock]) {
    removeTemporaryFiles(lock);
  }
}

/** Record files are replaced under their lock: whoever holds it finds only files of the dead. */
function removeTemporaryFiles(lock: string): void {
  const folder = dirname(lock);
  if (!existsSync(folder)) return;
  underLock(lock, () => {
    for (const name of readdirSync(folder)) if (name.startsWith('.tmp-')) rmSync(`${folder}/${name}`, { force: true });
  });
}
