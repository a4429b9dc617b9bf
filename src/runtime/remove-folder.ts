import { existsSync, rmSync } from 'node:fs';
import { hasErrno } from '../errors.ts';

/**
 * Deletes a folder in which a monitor that is about to end may still delete or make files: rmSync gives up when an
 * entry vanishes under its hands.
 */
export function removeFolder(path: string): void {
  for (let tries = 0; tries < 10 && existsSync(path); tries++) {
    try {
      rmSync(path, { recursive: true, force: true });
    } catch (error) {
      if (!hasErrno(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT')) throw error;
    }
  }
}
