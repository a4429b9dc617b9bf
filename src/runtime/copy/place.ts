/** What a path of a copy leads to, on the host or in a container. */
import { closeSync, constants, openSync, readlinkSync, type Stats, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path/posix';
import { hasErrno } from '../../errors.ts';
import { at, pinInRoot, self } from './at.ts';
import type { ContainerRoot } from './container-root.ts';
import { normalized } from './entry.ts';

export interface Place {
  /** Fd of the root it was found in. */
  root: number;
  /** Its path in that root; bytes as latin1. */
  path: string;
  /** O_PATH fd; null: there is nothing yet. */
  fd: number | null;
  stat: Stats | null;
  /** The last part of its name, links at its end resolved; '' for a root. */
  name: string;
  /** Written with `/.` at its end: what is in the folder. */
  content: boolean;
}

const pathOnly = 0o10000000; // O_PATH

/** A path of this machine: a link at its end is followed, and keeps its own name. */
export function hostPlace(path: string): Place {
  const full = resolve(path);
  const content = basename(path) === '.' || full === '/';
  const found = { root: openSync('/', pathOnly), path: bytes(full), name: bytes(basename(full)), content };
  const stat = statSync(path, { throwIfNoEntry: false }) ?? null;
  return { ...found, stat, fd: stat ? openSync(path, pathOnly) : null };
}

/** A path of a container: all links lead inside its root. Nothing is found for a path with a `*`, as in Podman. */
export function containerPlace(container: ContainerRoot, path: string): Place {
  const full = path.startsWith('/') ? path : join('/', container.config.workDir, path);
  const { fd: root, rest } = container.open(`/${normalized(full)}`);
  try {
    const content = basename(path) === '.' || normalized(full) === '';
    const place = find(root, bytes(rest), path.includes('*'));
    return { root, content, ...place };
  } catch (error) {
    closeSync(root);
    throw error;
  }
}

function find(root: number, path: string, hidden: boolean): Omit<Place, 'root' | 'content'> {
  try {
    if (hidden) throw Object.assign(new Error('no such file or directory'), { code: 'ENOENT' });
    const { fd, stat } = pinInRoot(root, path);
    const link = linkAt(root, path);
    if (link === null) return { path, fd, stat, name: basename(path) };
    return { path: stat.isDirectory() ? path : linkTarget(root, path), fd, stat, name: nameOf(fd) };
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EXDEV')) throw error;
    const target = hidden ? path : linkTarget(root, path);
    return { path: target, fd: null, stat: null, name: basename(target) };
  }
}

/** Only for the name of the copy: nothing is opened by it. */
function nameOf(fd: number): string {
  return basename((readlinkSync(self(fd), 'latin1') as string).replace(/ \(deleted\)$/, ''));
}

/** Where the link at the end of a path points to, even to nothing: that is what a copy creates. */
function linkTarget(root: number, path: string): string {
  let target = path;
  for (let depth = 0; depth < 40; depth++) {
    const link = linkAt(root, target);
    if (link === null) return target;
    target = `/${normalized(link.startsWith('/') ? link : join(dirname(target), link))}`;
  }
  return path;
}

/** What the link at the end of a path says; null when it is none. */
function linkAt(root: number, path: string): string | null {
  let parent: number;
  try {
    parent = pinInRoot(root, dirname(path), constants.O_DIRECTORY).fd;
  } catch {
    return null;
  }
  try {
    return readlinkSync(at(parent, basename(path)), 'latin1') as string;
  } catch {
    return null;
  } finally {
    closeSync(parent);
  }
}

/** The folder that a place is in. Its fds are its own. */
export function parentOf({ root }: Place, path: string): Place {
  const own = openSync(self(root), pathOnly);
  try {
    const { fd, stat } = pinInRoot(own, dirname(path));
    return { root: own, path: dirname(path), fd, stat, name: basename(dirname(path)), content: false };
  } catch (error) {
    closeSync(own);
    throw error;
  }
}

export function closePlace({ root, fd }: Place): void {
  closeSync(root);
  if (fd !== null) closeSync(fd);
}

function bytes(text: string): string {
  return Buffer.from(text).toString('latin1');
}
