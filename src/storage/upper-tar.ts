/** What a container wrote, as the tar of a layer (OCI image specification 1.1, "Image Layer Filesystem Changeset"). */
import { closeSync, lstatSync, openSync, readdirSync, readlinkSync, readSync, type Stats } from 'node:fs';
import { getxattr, listxattr } from '../system/xattr.ts';
import { isOpaque, isOpaqueMark, isWhiteout } from './changes.ts';
import { insideId } from './id-maps.ts';
import type { LayerRecord } from './records.ts';
import { padding, type TarEntry, tarHeader } from './tar-header.ts';
import type { Difference } from './vfs-compare.ts';

interface Walk {
  root: string;
  /** Device and inode of files with several names, to the first of them. */
  links: Map<string, string>;
  /** Of the container: the tar has its ids. */
  maps: Pick<LayerRecord, 'uidmap' | 'gidmap'>;
}

/**
 * Gives the tar of an overlay's upper folder: its whiteouts and opaque folders become the `.wh.` files of a layer.
 * Names are handled as bytes. Sockets are left out.
 *
 * @param root the folder `diff` of the container's layer
 */
export function* upperTar(root: string, maps: Walk['maps'] = {}): Generator<Uint8Array> {
  yield* folderEntries({ root, links: new Map(), maps }, '');
  yield Buffer.alloc(1024);
}

/** The same of a whole tree and what it has that its parent has not. */
export function* tarOf(root: string, differences: Iterable<Difference>): Generator<Uint8Array> {
  const walk: Walk = { root, links: new Map(), maps: {} };
  for (const { kind, path } of differences) {
    const at = path.lastIndexOf('/') + 1;
    const stat = lstatSync(bytes(kind === 'deleted' ? `${root}/${path.slice(0, at)}` : `${root}/${path}`));
    if (kind === 'deleted') yield tarHeader(marker(`${path.slice(0, at)}.wh.${path.slice(at)}`, stat));
    else if (!stat.isSocket()) yield* fileEntry(walk, path, stat);
  }
  yield Buffer.alloc(1024);
}

function* folderEntries(walk: Walk, folder: string): Generator<Uint8Array> {
  const names = readdirSync(bytes(`${walk.root}/${folder}`), 'latin1') as unknown as string[];
  for (const name of names.sort()) if (!isOpaqueMark(name)) yield* entries(walk, folder, name);
}

function* entries(walk: Walk, folder: string, name: string): Generator<Uint8Array> {
  const path = `${walk.root}/${folder}${name}`;
  const stat = lstatSync(bytes(path));
  if (stat.isSocket()) return;
  if (isWhiteout(stat)) {
    yield tarHeader(marker(`${folder}.wh.${name}`, stat));
    return;
  }
  yield* fileEntry(walk, `${folder}${name}`, stat);
  if (!stat.isDirectory()) return;
  if (isOpaque(bytes(path).toString())) yield tarHeader(marker(`${folder}${name}/.wh..wh..opq`, stat));
  yield* folderEntries(walk, `${folder}${name}/`);
}

function* fileEntry(walk: Walk, name: string, stat: Stats): Generator<Uint8Array> {
  const path = `${walk.root}/${name}`;
  const entry = entryOf(walk, name, path, stat);
  yield tarHeader(entry);
  if (entry.type === 'file') yield* content(path, entry.size);
}

function entryOf({ links, maps }: Walk, name: string, path: string, stat: Stats): TarEntry {
  const { mode, size, rdev } = stat;
  const [uid, gid] = [insideId(maps.uidmap, stat.uid), insideId(maps.gidmap, stat.gid)];
  const entry: TarEntry = { ...marker(name, stat), mode: mode & 0o7777, uid, gid, records: attributes(path) };
  if (stat.isDirectory()) return { ...entry, name: `${name}/`, type: 'directory' };
  const key = `${stat.dev}:${stat.ino}`;
  const first = stat.nlink > 1 ? links.get(key) : undefined;
  if (first !== undefined) return { ...entry, type: 'link', linkname: first, records: [] };
  if (stat.nlink > 1) links.set(key, name);
  if (stat.isFile()) return { ...entry, size };
  if (stat.isSymbolicLink()) return { ...entry, type: 'symlink', linkname: readlinkSync(bytes(path), 'latin1') };
  if (stat.isFIFO()) return { ...entry, type: 'fifo' };
  const type = stat.isBlockDevice() ? 'block-device' : 'character-device';
  return { ...entry, type, major: (rdev >> 8) & 0xfff, minor: (rdev & 0xff) | ((rdev >> 12) & 0xfff00) };
}

/** An empty file of root. */
function marker(name: string, { mtimeMs }: Stats): TarEntry {
  return { name, type: 'file', mode: 0, uid: 0, gid: 0, size: 0, mtime: Math.floor(mtimeMs / 1000), records: [] };
}

/** As long as its header says, whatever a process does to the file meanwhile. */
function* content(path: string, size: number): Generator<Uint8Array> {
  const fd = openSync(bytes(path), 'r');
  try {
    for (let left = size; left > 0; ) {
      const chunk = Buffer.alloc(Math.min(left, 1024 * 1024));
      const read = readSync(fd, chunk);
      yield read > 0 ? chunk.subarray(0, read) : chunk;
      left -= read || chunk.length;
    }
  } finally {
    closeSync(fd);
  }
  yield padding(size);
}

/** Extended attributes as pax records; those of overlayfs and SELinux mean nothing elsewhere. */
function attributes(path: string): TarEntry['records'] {
  const target = bytes(path).toString();
  const names = listxattr(target).filter((name) => !/^((trusted|user)\.overlay\.|security\.selinux$)/.test(name));
  return names.map((name) => [`SCHILY.xattr.${name}`, getxattr(target, name) ?? Buffer.alloc(0)]);
}

function bytes(name: string): Buffer {
  return Buffer.from(name, 'latin1');
}
