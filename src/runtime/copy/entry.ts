/** What goes through a copy: one file, folder, link or node at a time. */
import type { TarType } from '../../storage/tar-header.ts';

export interface CopyEntry {
  /** Below the target folder: bytes as latin1, no leading slash, no "..", never ''. */
  path: string;
  type: TarType;
  /** Permission bits, 0o7777. */
  mode: number;
  uid: number;
  gid: number;
  /** Bytes; 0 for all but files. */
  size: number;
  /** Seconds. */
  mtime: number;
  /** Of a symlink what it says, of a hard link the path of an earlier entry. */
  linkname: string;
  major: number;
  minor: number;
  attributes: [name: string, value: Buffer][];
  /** Of a file; read before the next entry is asked for. */
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Extended attributes that mean the same elsewhere; overlayfs's own would steer the next mount. */
export function isPortable(attribute: string): boolean {
  return attribute === 'security.capability' || /^user\.(?!overlay\.)/.test(attribute);
}

/** A path that cannot climb: `/a/../b/./c/` is `b/c`, and the root is ''. */
export function normalized(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
