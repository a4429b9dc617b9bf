/** Entries become files below a folder, by fds that the kernel resolved inside the root: links lead nowhere else. */
import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  futimesSync,
  lchownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { hasErrno, messageOf, TspodError } from '../../errors.ts';
import { mknod, setxattr } from '../../system/xattr.ts';
import { at, pin, pinInRoot, self } from './at.ts';
import type { CopyEntry } from './entry.ts';

export interface TreeTarget {
  /** Fd of the root folder: no entry gets out of it. */
  root: number;
  /** Where in the root the entries go; '' is the root itself. Bytes as latin1. */
  base: string;
  /** Files may take the place of folders and folders of files. */
  overwrite: boolean;
  /** Device nodes are left out. */
  ignoreDevices: boolean;
  /** Who gets a file, by what its entry says: ids of the host. */
  owner(entry: Pick<CopyEntry, 'uid' | 'gid'>): { uid: number; gid: number };
}

/** @throws SYSTEM in Podman's words, with the path as seen from the root */
export async function writeTree(target: TreeTarget, entries: AsyncIterable<CopyEntry>): Promise<void> {
  const writer = new TreeWriter(target);
  try {
    for await (const entry of entries) await writer.add(entry);
    writer.finish();
  } finally {
    writer.close();
  }
}

class TreeWriter {
  readonly #target: TreeTarget;
  /** The folder of the entry before: the next one is mostly there too. */
  #open: { path: string; fd: number } | null = null;
  /** What folders get when nothing is written in them any more. */
  readonly #folders: CopyEntry[] = [];

  constructor(target: TreeTarget) {
    this.#target = target;
  }

  async add(entry: CopyEntry): Promise<void> {
    if (this.#target.ignoreDevices && entry.type.endsWith('device')) return;
    const slash = entry.path.lastIndexOf('/');
    const name = entry.path.slice(slash + 1);
    try {
      await this.#create(this.#parent(slash < 0 ? '' : entry.path.slice(0, slash)), name, entry);
    } catch (cause) {
      if (cause instanceof TspodError) throw cause;
      throw this.#failure(entry, cause);
    }
  }

  finish(): void {
    for (const entry of this.#folders.reverse()) {
      const fd = this.#pinned(entry.path);
      try {
        this.#give(self(fd), entry);
        utimesSync(self(fd), entry.mtime, entry.mtime);
      } finally {
        closeSync(fd);
      }
    }
  }

  close(): void {
    if (this.#open) closeSync(this.#open.fd);
    this.#open = null;
  }

  async #create(parent: number, name: string, entry: CopyEntry): Promise<void> {
    if (entry.type === 'directory') {
      this.#folder(parent, name);
      this.#folders.push(entry);
      return;
    }
    const path = at(parent, name);
    const mounted = this.#makeRoom(parent, name);
    if (entry.type === 'file') await this.#file(mounted ?? openSync(path, newFile, 0o600), path, entry);
    else if (entry.type === 'symlink') this.#symlink(path, entry);
    else if (entry.type === 'link') this.#link(entry, path);
    else this.#node(parent, name, entry);
  }

  /** A folder that is there stays, with what it has. */
  #folder(parent: number, name: string): void {
    const path = at(parent, name);
    try {
      mkdirSync(path, 0o700);
    } catch (error) {
      if (!hasErrno(error, 'EEXIST')) throw error;
      if (this.#leadsToFolder(parent, name)) return;
      if (!this.#target.overwrite) throw error;
      unlinkSync(path);
      mkdirSync(path, 0o700);
    }
  }

  #leadsToFolder(parent: number, name: string): boolean {
    const stat = lstatSync(at(parent, name));
    if (!stat.isSymbolicLink()) return stat.isDirectory();
    return this.#isFolder(`${this.#open?.path ?? ''}/${name}`);
  }

  #isFolder(path: string): boolean {
    try {
      closeSync(this.#pinned(path));
      return true;
    } catch (error) {
      if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return false;
      throw error;
    }
  }

  /** The open file that stays because something is mounted on it, else null: the name is free. */
  #makeRoom(parent: number, name: string): number | null {
    const path = at(parent, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (!stat) return null;
    try {
      if (!stat.isDirectory()) unlinkSync(path);
      else if (this.#target.overwrite) removeTree(parent, name);
      else throw Object.assign(new Error('file exists'), { code: 'EEXIST' });
      return null;
    } catch (error) {
      if (!hasErrno(error, 'EBUSY') || !stat.isFile()) throw error;
      return openMounted(parent, name);
    }
  }

  async #file(fd: number, path: Buffer, entry: CopyEntry): Promise<void> {
    try {
      for await (const chunk of entry.content) {
        for (let done = 0; done < chunk.length; ) done += writeSync(fd, chunk, done);
      }
      this.#give(self(fd), entry);
      for (const [key, value] of entry.attributes) this.#attribute(path, key, value);
      futimesSync(fd, entry.mtime, entry.mtime);
    } finally {
      closeSync(fd);
    }
  }

  /** Capabilities that the container's programs have are nothing for the host's. */
  #attribute(path: Buffer, key: string, value: Buffer): void {
    if (this.#target.ignoreDevices && key.startsWith('security.')) return;
    try {
      setxattr(path.toString(), key, value);
    } catch (error) {
      if (!hasErrno(error, 'ENOTSUP', 'EPERM')) throw error;
    }
  }

  #symlink(path: Buffer, entry: CopyEntry): void {
    symlinkSync(Buffer.from(entry.linkname, 'latin1'), path);
    const { uid, gid } = this.#target.owner(entry);
    lchownSync(path, uid, gid);
    lutimesSync(path, entry.mtime, entry.mtime);
  }

  #node(parent: number, name: string, entry: CopyEntry): void {
    const type = nodeTypes[entry.type as keyof typeof nodeTypes];
    mknod(at(parent, name).toString(), entry.mode | type, entry.major, entry.minor);
    const { fd } = pin(parent, name);
    try {
      this.#give(self(fd), entry);
    } finally {
      closeSync(fd);
    }
  }

  /** Mode after owner: a change of owner takes setuid and setgid away. */
  #give(path: string, entry: CopyEntry): void {
    const { uid, gid } = this.#target.owner(entry);
    chownSync(path, uid, gid);
    chmodSync(path, entry.mode);
  }

  #link(entry: CopyEntry, path: Buffer): void {
    const slash = entry.linkname.lastIndexOf('/');
    const folder = this.#pinned(slash < 0 ? '' : entry.linkname.slice(0, slash));
    try {
      linkSync(at(folder, entry.linkname.slice(slash + 1)), path);
    } finally {
      closeSync(folder);
    }
  }

  #parent(path: string): number {
    if (this.#open?.path === path) return this.#open.fd;
    const fd = this.#ensure(path);
    this.close();
    this.#open = { path, fd };
    return fd;
  }

  /** The fd of a folder below the base; archives may name files before their folders. */
  #ensure(path: string): number {
    try {
      return this.#pinned(path);
    } catch (error) {
      if (!hasErrno(error, 'ENOENT') || path === '') throw error;
    }
    const slash = path.lastIndexOf('/');
    const parent = this.#ensure(slash < 0 ? '' : path.slice(0, slash));
    try {
      const folder = at(parent, path.slice(slash + 1));
      mkdirSync(folder, 0o755);
      const { uid, gid } = this.#target.owner({ uid: 0, gid: 0 });
      lchownSync(folder, uid, gid);
    } finally {
      closeSync(parent);
    }
    return this.#pinned(path);
  }

  #pinned(path: string): number {
    return pinInRoot(this.#target.root, `${this.#target.base}/${path}`, constants.O_DIRECTORY).fd;
  }

  #failure(entry: CopyEntry, cause: unknown): TspodError {
    const base = Buffer.from(this.#target.base, 'latin1').toString();
    const path = `${base}/${Buffer.from(entry.path, 'latin1')}`.replace(/\/+/g, '/');
    const full = path.startsWith('/') ? path : `/${path}`;
    const verb = entry.type === 'directory' ? 'mkdir' : 'open';
    const reason = hasErrno(cause, 'EEXIST') ? `${verb} ${full}: file exists` : messageOf(cause);
    const words = `copier: put: error creating "${full}": ${reason}`;
    return new TspodError(hasErrno(cause, 'ENOSPC') ? 'NO_SPACE' : 'SYSTEM', words, { cause });
  }
}

const nodeTypes = { 'character-device': 0o020000, 'block-device': 0o060000, fifo: 0o010000 } as const;

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY, O_TRUNC, O_NONBLOCK, O_DIRECTORY } = constants;
const newFile = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY;

/** A file that something is mounted on cannot go: it gets the new content. */
function openMounted(parent: number, name: string): number {
  const { fd, stat } = pin(parent, name);
  try {
    if (!stat.isFile()) throw Object.assign(new Error('file exists'), { code: 'EEXIST' });
    return openSync(self(fd), O_WRONLY | O_TRUNC | O_NONBLOCK);
  } finally {
    closeSync(fd);
  }
}

/** By fds too: what a container puts in the place of a folder meanwhile is unlinked, not entered. */
function removeTree(parent: number, name: string): void {
  const fd = openSync(at(parent, name), O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK);
  try {
    for (const child of readdirSync(self(fd), 'latin1') as unknown as string[]) {
      if (lstatSync(at(fd, child)).isDirectory()) removeTree(fd, child);
      else unlinkSync(at(fd, child));
    }
  } finally {
    closeSync(fd);
  }
  rmdirSync(at(parent, name));
}
