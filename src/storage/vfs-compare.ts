/** What a layer of the driver `vfs` changes of its parent: both are whole trees. */
import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import type { Change } from './changes.ts';

export interface Difference {
  kind: Change['kind'];
  /** Relative; bytes as latin1. */
  path: string;
}

interface Trees {
  upper: string;
  lower: string | null;
}

/** Folders before what is in them; one whose content changed counts as changed. */
export function vfsDifferences(upper: string, lower: string | null): Generator<Difference> {
  return inFolder({ upper, lower }, '');
}

export function vfsChanges(upper: string, lower: string | null): Change[] {
  const found = [...vfsDifferences(upper, lower)];
  return found.map(({ kind, path }) => ({ kind, path: `/${Buffer.from(path, 'latin1').toString()}` }));
}

/** Bytes of the files that are new or changed. */
export function vfsSize(upper: string, lower: string | null): number {
  let size = 0;
  for (const { kind, path } of vfsDifferences(upper, lower)) {
    const stat = kind === 'deleted' ? null : lstat(`${upper}/${path}`);
    if (stat?.isFile()) size += stat.size;
  }
  return size;
}

function* inFolder(trees: Trees, folder: string): Generator<Difference> {
  const above = names(`${trees.upper}/${folder}`);
  const below = trees.lower === null ? [] : names(`${trees.lower}/${folder}`);
  const all = new Set([...above, ...below]);
  const present = new Set(above);
  for (const name of [...all].sort()) {
    const path = `${folder}${name}`;
    if (present.has(name)) yield* atPath(trees, path);
    else yield { kind: 'deleted', path };
  }
}

function* atPath(trees: Trees, path: string): Generator<Difference> {
  const { upper, lower } = trees;
  const stat = lstat(`${upper}/${path}`);
  if (stat === null) return;
  const before = lower === null ? null : lstat(`${lower}/${path}`);
  const isMerged = stat.isDirectory() && before?.isDirectory() === true;
  const inside = stat.isDirectory() ? [...inFolder(isMerged ? trees : { upper, lower: null }, `${path}/`)] : [];
  if (before === null) yield { kind: 'added', path };
  else if (inside.length > 0 || differs(trees, path, stat, before)) yield { kind: 'changed', path };
  yield* inside;
}

/** Times and sizes of folders say nothing: both change with what is in them. */
function differs({ upper, lower }: Trees, path: string, a: Stats, b: Stats): boolean {
  if (a.mode !== b.mode || a.uid !== b.uid || a.gid !== b.gid || a.rdev !== b.rdev) return true;
  if (a.isDirectory()) return false;
  if (a.isSymbolicLink()) return link(`${upper}/${path}`) !== link(`${lower}/${path}`);
  return a.size !== b.size || Math.abs(a.mtimeMs - b.mtimeMs) > 0.01;
}

function link(path: string): string {
  return readlinkSync(Buffer.from(path, 'latin1'), 'latin1');
}

function names(folder: string): string[] {
  return readdirSync(Buffer.from(folder, 'latin1'), 'latin1') as unknown as string[];
}

function lstat(path: string): Stats | null {
  return lstatSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false }) ?? null;
}
