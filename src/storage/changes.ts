/** What a layer changes of those below it: `diff`. */
import { existsSync, lstatSync, readdirSync, type Stats } from 'node:fs';
import { getxattr } from '../system/xattr.ts';

export interface Change {
  /** Absolute in the container. */
  path: string;
  kind: 'added' | 'changed' | 'deleted';
}

/**
 * Compares by names, not by content: a file that was written again counts as changed.
 *
 * @param folders the `diff` of the layer, then those of the layers below it
 */
export function layerChanges([upper = '', ...lowers]: string[]): Change[] {
  const changes: Change[] = [];
  const visit = (folder: string): void => {
    for (const name of readdirSync(`${upper}${folder}`).sort()) {
      if (isOpaqueMark(name)) continue;
      const path = `${folder}/${name}`;
      const stat = lstatSync(`${upper}${path}`);
      changes.push({ path, kind: isWhiteout(stat) ? 'deleted' : isBelow(lowers, path) ? 'changed' : 'added' });
      if (stat.isDirectory()) visit(path);
    }
  };
  visit('');
  return changes;
}

/** Whether the layers together have something at the path. */
function isBelow(lowers: string[], path: string): boolean {
  for (const lower of lowers) {
    const { found, hides } = lookAt(lower, path.split('/').slice(1));
    if (found) return true;
    if (hides) return false;
  }
  return false;
}

/** `hides`: what lower layers have there is deleted. */
function lookAt(lower: string, names: string[]): { found: boolean; hides: boolean } {
  let path = lower;
  let hides = false;
  for (const name of names) {
    path = `${path}/${name}`;
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat) return { found: false, hides };
    if (isWhiteout(stat) || (!stat.isDirectory() && name !== names.at(-1))) return { found: false, hides: true };
    hides ||= stat.isDirectory() && isOpaque(path);
  }
  return { found: true, hides };
}

/** The sign of overlayfs for a file that was deleted. */
export function isWhiteout(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0;
}

/** Whether a folder hides the one below it instead of being merged with it. */
export function isOpaque(path: string): boolean {
  const isMarked = ['trusted', 'user'].some((space) => getxattr(path, `${space}.overlay.opaque`)?.toString() === 'y');
  return isMarked || existsSync(`${path}/.wh..wh..opq`);
}

/** What fuse-overlayfs puts into an opaque folder, besides the attribute. */
export function isOpaqueMark(name: string): boolean {
  return name === '.wh..wh..opq' || name === '.wh..opq';
}
