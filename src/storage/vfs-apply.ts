/** Makes whole trees, as the driver `vfs` keeps them, of layers that were unpacked as changes. */
import { chmodSync, lchownSync, lstatSync, mkdirSync, readdirSync, renameSync, rmSync, utimesSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { getxattr, listxattr, setxattr } from '../system/xattr.ts';
import { isOpaque, isWhiteout } from './changes.ts';
import { makeCopy } from './copy-layer.ts';

/**
 * Replaces the folder `diff` of each unpacked layer by a copy of its parent with the changes made.
 *
 * @param layers base first; `staged` is the folder that holds `diff`, null for a layer that the store has
 * @throws CORRUPT_STORE when a layer that the store should have is gone, NO_SPACE
 */
export function completeLayers(
  layers: { id: string; staged: string | null }[],
  find: (id: string) => string | null,
): void {
  let parent: string | null = null;
  for (const { id, staged } of layers) {
    const known = find(id);
    if (staged !== null && known === null) completeLayer(staged, parent);
    parent = known ?? (staged === null ? null : `${staged}/diff`);
    if (parent === null) throw new TspodError('CORRUPT_STORE', `layer "${id}" is no longer in the store`);
  }
}

function completeLayer(staged: string, parent: string | null): void {
  makeCopy(parent, `${staged}/whole`);
  applyFolder(`${staged}/diff`, `${staged}/whole`);
  rmSync(`${staged}/diff`, { recursive: true });
  renameSync(`${staged}/whole`, `${staged}/diff`);
}

/** Names are bytes, as latin1. Nothing is followed: a folder replaces a link of its name. */
function applyFolder(from: string, to: string): void {
  for (const name of readdirSync(bytes(from), 'latin1') as unknown as string[]) {
    const [source, target] = [`${from}/${name}`, `${to}/${name}`];
    const stat = lstatSync(bytes(source));
    if (stat.isDirectory()) applySubfolder(source, target);
    else {
      rmSync(bytes(target), { recursive: true, force: true });
      if (!isWhiteout(stat)) renameSync(bytes(source), bytes(target));
    }
  }
}

function applySubfolder(source: string, target: string): void {
  const before = lstatSync(bytes(target), { throwIfNoEntry: false });
  const isKept = before?.isDirectory() === true && !(isText(source) && isOpaque(bytes(source).toString()));
  if (!isKept) {
    rmSync(bytes(target), { recursive: true, force: true });
    mkdirSync(bytes(target), 0o700);
  }
  applyFolder(source, target);
  copyAttributes(source, target);
}

/** Of a folder; its times last, after what was written into it. */
function copyAttributes(source: string, target: string): void {
  const { uid, gid, mode, atimeMs, mtimeMs } = lstatSync(bytes(source));
  lchownSync(bytes(target), uid, gid);
  chmodSync(bytes(target), mode & 0o7777);
  if (isText(source)) copyExtended(bytes(source).toString(), bytes(target).toString());
  utimesSync(bytes(target), atimeMs / 1000, mtimeMs / 1000);
}

function copyExtended(source: string, target: string): void {
  for (const name of listxattr(source)) {
    const value = /^(trusted|user)\.overlay\./.test(name) ? null : getxattr(source, name);
    if (value !== null) setxattr(target, name, value);
  }
}

/** Extended attributes can only be asked for by names that are UTF-8. */
function isText(name: string): boolean {
  return Buffer.from(bytes(name).toString()).equals(bytes(name));
}

function bytes(name: string): Buffer {
  return Buffer.from(name, 'latin1');
}
