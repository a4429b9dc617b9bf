/** A file or a folder with all below it, read by fds alone: a name that changes its meaning meanwhile leads nowhere. */
import { closeSync, constants, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { getxattr, listxattr } from '../../system/xattr.ts';
import { at, pin, self } from './at.ts';
import { type CopyEntry, isPortable } from './entry.ts';

export interface TreeSource {
  /** O_PATH fd of what is copied. */
  fd: number;
  stat: Stats;
  /** Bytes as latin1. '': the content of the folder without the folder. */
  name: string;
  /** Names directly in the folder that are left out. */
  excluded?: ReadonlySet<string>;
  /** All that is read belongs to these. */
  owner?: { uid: number; gid: number } | undefined;
}

interface Walk {
  owner: TreeSource['owner'];
  /** Device and inode of files with several names, to the first of them. */
  links: Map<string, string>;
}

/** Deeper trees are refused: every level holds two fds. */
const deepest = 400;
const longestUnknown = 64 << 20;

/** @throws SYSTEM for a tree that is too deep, errno errors of what cannot be read */
export function* readTree(source: TreeSource): Generator<CopyEntry> {
  const walk: Walk = { owner: source.owner, links: new Map() };
  const { fd, stat, name } = source;
  if (!stat.isDirectory()) yield* one(fd, entryOf(walk, name, stat, { path: self(fd), follow: true }));
  else {
    if (name !== '') yield entryOf(walk, name, stat, { path: self(fd), follow: true });
    yield* below(walk, fd, name, source.excluded ?? new Set(), 0);
  }
}

function* below(
  walk: Walk,
  pinned: number,
  path: string,
  excluded: ReadonlySet<string>,
  depth: number,
): Generator<CopyEntry> {
  if (depth > deepest) throw new TspodError('SYSTEM', `folders are nested more than ${deepest} deep at "${path}"`);
  const names = readdirSync(self(pinned), 'latin1') as unknown as string[];
  for (const name of names.sort()) {
    if (excluded.has(name)) continue;
    yield* child(walk, pinned, name, path === '' ? name : `${path}/${name}`, depth);
  }
}

function* child(walk: Walk, folder: number, name: string, path: string, depth: number): Generator<CopyEntry> {
  let pinned: ReturnType<typeof pin>;
  try {
    pinned = pin(folder, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const { fd, stat } = pinned;
  try {
    if (stat.isSocket()) return;
    const entry = entryOf(walk, path, stat, { path: at(folder, name).toString(), follow: false });
    if (entry.type === 'symlink') entry.linkname = readlinkSync(at(folder, name), 'latin1');
    yield* one(fd, entry);
    if (stat.isDirectory()) yield* below(walk, fd, path, new Set(), depth + 1);
  } finally {
    closeSync(fd);
  }
}

/** A file is opened by its O_PATH fd: it is the very file that was looked at. */
function* one(pinned: number, entry: CopyEntry): Generator<CopyEntry> {
  if (entry.type !== 'file') {
    yield entry;
    return;
  }
  const fd = openSync(self(pinned), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    yield { ...entry, content: content(fd, entry.size) };
  } finally {
    closeSync(fd);
  }
}

/** Files of the kernel's own say 0 and have something all the same; none grows while it is read. */
function* content(fd: number, size: number): Generator<Uint8Array> {
  for (let left = size || longestUnknown; left > 0; ) {
    const chunk = Buffer.allocUnsafe(Math.min(left, 1 << 20));
    const read = readSync(fd, chunk);
    if (read === 0) return;
    yield chunk.subarray(0, read);
    left -= read;
  }
}

function entryOf(walk: Walk, path: string, stat: Stats, named: { path: string; follow: boolean }): CopyEntry {
  const { uid, gid } = walk.owner ?? stat;
  const entry: CopyEntry = {
    ...{ path, type: 'file', mode: stat.mode & 0o7777, uid, gid, size: 0, linkname: '', major: 0, minor: 0 },
    ...{ mtime: stat.mtimeMs / 1000, attributes: [], content: [] },
  };
  // Bits that were given to another owner's program are not given to this one's.
  if (walk.owner && !stat.isDirectory() && (uid !== stat.uid || gid !== stat.gid)) entry.mode &= 0o1777;
  if (stat.isDirectory()) return { ...entry, type: 'directory', attributes: attributesOf(named) };
  const key = `${stat.dev}:${stat.ino}`;
  const first = stat.nlink > 1 ? walk.links.get(key) : undefined;
  if (first !== undefined) return { ...entry, type: 'link', linkname: first };
  if (stat.nlink > 1) walk.links.set(key, path);
  if (stat.isFile()) return { ...entry, size: stat.size, attributes: attributesOf(named) };
  if (stat.isSymbolicLink()) return { ...entry, type: 'symlink' };
  if (stat.isFIFO()) return { ...entry, type: 'fifo' };
  const [major, minor] = [(stat.rdev >> 8) & 0xfff, (stat.rdev & 0xff) | ((stat.rdev >> 12) & 0xfff00)];
  return { ...entry, type: stat.isBlockDevice() ? 'block-device' : 'character-device', major, minor };
}

/** Of an operand alone they are not read: its fd is all there is. */
function attributesOf({ path, follow }: { path: string; follow: boolean }): CopyEntry['attributes'] {
  if (follow) return [];
  try {
    return listxattr(path)
      .filter(isPortable)
      .map((name) => [name, getxattr(path, name) ?? Buffer.alloc(0)]);
  } catch {
    // It went away, or its file system has none: a copy without them.
    return [];
  }
}
