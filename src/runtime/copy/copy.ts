/** Copies between containers and the host. Podman's rules: podman-cp(1). */
import { closeSync } from 'node:fs';
import { hasCode, TspodError } from '../../errors.ts';
import { machineId } from '../../system/userns.ts';
import type { RuntimeContext } from '../context.ts';
import { pinInRoot } from './at.ts';
import { type ContainerRoot, withContainerRoot } from './container-root.ts';
import type { CopyEntry } from './entry.ts';
import { type CopyOperand, parseOperands } from './operand.ts';
import { closePlace, containerPlace, hostPlace, type Place, parentOf } from './place.ts';
import { readTree, type TreeSource } from './read-tree.ts';
import { readTar } from './tar-in.ts';
import { writeTar } from './tar-out.ts';
import { type TreeTarget, writeTree } from './write-tree.ts';

export interface CopyOptions {
  /** What comes into a container belongs to its user. */
  chown: boolean;
  /** Files may replace folders and folders files. */
  overwrite: boolean;
}

/** A side of the copy: its root while it is a container, and null for the host. */
interface Side extends CopyOperand {
  root: ContainerRoot | null;
}

/**
 * @param source `CONTAINER:PATH`, `PATH` or `-` for a tar archive on standard input
 * @param destination the same; `-` writes a tar archive
 * @throws BAD_ARGUMENT, NO_SUCH_CONTAINER, SYSTEM in Podman's words
 */
export async function copy(rt: RuntimeContext, source: string, destination: string, options: CopyOptions) {
  const [from, to] = parseOperands(source, destination);
  if (from.container === null && to.container === null) throw unknown('');
  const [one, other] = [from, to].map(({ container }) => (container === null ? null : find(rt, container)));
  await withRoots(rt, one ?? null, other ?? null, (a, b) =>
    transfer({ ...from, root: a }, { ...to, root: b }, options),
  );
}

function find(rt: RuntimeContext, name: string): string {
  try {
    return rt.state.find(name).config.id;
  } catch (error) {
    if (hasCode(error, 'NO_SUCH_CONTAINER')) throw unknown(name);
    throw error;
  }
}

function unknown(name: string): TspodError {
  return new TspodError('NO_SUCH_CONTAINER', `container "${name}" does not exist`);
}

/** Two containers are locked in the order of their ids, so that no two copies wait for each other. */
function withRoots(
  rt: RuntimeContext,
  from: string | null,
  to: string | null,
  work: (from: ContainerRoot | null, to: ContainerRoot | null) => Promise<void>,
): Promise<void> {
  if (from === null && to === null) return work(null, null);
  if (from === to) return withContainerRoot(rt, from ?? '', (root) => work(root, root));
  if (from === null) return withContainerRoot(rt, to ?? '', (root) => work(null, root));
  if (to === null) return withContainerRoot(rt, from, (root) => work(root, null));
  if (from > to) return withRoots(rt, to, from, (a, b) => work(b, a));
  return withContainerRoot(rt, from, (a) => withContainerRoot(rt, to, (b) => work(a, b)));
}

async function transfer(from: Side, to: Side, options: CopyOptions): Promise<void> {
  if (from.path === '-' && from.root === null) return fromStdin(to, options);
  const source = existing(from);
  try {
    if (to.path === '-' && to.root === null) {
      return await writeTar(1, entries({ ...treeOf(source, from), name: source.content ? '' : source.name }));
    }
    await toPlace(source, from, to, options);
  } finally {
    closePlace(source);
  }
}

async function toPlace(source: Found, from: Side, to: Side, options: CopyOptions): Promise<void> {
  const target = destination(to);
  try {
    if (source.stat.isDirectory() && !target.folder.stat?.isDirectory()) {
      throw new TspodError('BAD_ARGUMENT', 'destination must be a directory when copying a directory');
    }
    const name = target.name ?? (source.content ? '' : source.name);
    await write(target, to, options, entries({ ...treeOf(source, from), name }));
  } finally {
    closePlace(target.folder);
  }
}

async function fromStdin(to: Side, options: CopyOptions): Promise<void> {
  const place = locate(to);
  try {
    if (!place.stat && to.path.endsWith('/')) throw missing(to);
    if (!place.stat?.isDirectory()) {
      throw new TspodError('BAD_ARGUMENT', 'destination must be a directory when copying from stdin');
    }
    await write({ folder: place, name: null }, to, options, readTar(process.stdin));
  } finally {
    closePlace(place);
  }
}

async function* entries(source: TreeSource): AsyncGenerator<CopyEntry> {
  yield* readTree(source);
}

type Found = Place & { fd: number; stat: NonNullable<Place['stat']> };

/** @throws SYSTEM when there is nothing */
function existing(side: Side): Found {
  const place = locate(side);
  const { fd, stat } = place;
  if (fd !== null && stat !== null) return { ...place, fd, stat };
  closePlace(place);
  throw missing(side);
}

function locate({ path, root }: Side): Place {
  return root ? containerPlace(root, path) : hostPlace(path);
}

function missing({ container, path }: Side): TspodError {
  const where = container === null ? 'the host' : `container ${container}`;
  return new TspodError('SYSTEM', `"${path}" could not be found on ${where}: no such file or directory`);
}

interface Target {
  /** The folder that is written to. */
  folder: Place;
  /** What the copy is called there; null: as the source is. */
  name: string | null;
}

/** An existing folder, the place of an existing file, or a new name in an existing folder. */
function destination(side: Side): Target {
  const place = locate(side);
  if (place.stat?.isDirectory()) return { folder: place, name: null };
  try {
    if (!place.stat && side.path.endsWith('/')) throw missing(side);
    if (place.stat && !place.stat.isFile() && side.root === null) {
      const words = `invalid destination: "${side.path}" must be a directory or a regular file`;
      throw new TspodError('BAD_ARGUMENT', words);
    }
    const folder = parentPlace(place, side);
    // A folder cannot go where a file is.
    return place.stat ? { folder: { ...folder, stat: place.stat }, name: place.name } : { folder, name: place.name };
  } finally {
    closePlace(place);
  }
}

function parentPlace(place: Place, side: Side): Place {
  try {
    return parentOf(place, place.path);
  } catch (cause) {
    throw Object.assign(missing(side), { cause });
  }
}

/** What containers have comes out as their user's. The kernel's own folders are no files to copy. */
function treeOf({ fd, stat, path, name }: Found, { root }: Side): TreeSource {
  const excluded = root && path === '/' ? new Set(['dev', 'proc', 'sys']) : new Set<string>();
  return { fd, stat, name, excluded, owner: root ? onMachine(root, root.user) : undefined };
}

function onMachine({ config }: ContainerRoot, { uid, gid }: { uid: number; gid: number }) {
  const { uids, gids } = { uids: config.idMaps?.uids, gids: config.idMaps?.gids };
  return { uid: machineId(uids, uid), gid: machineId(gids, gid) };
}

async function write(
  target: Target,
  { root }: Side,
  options: CopyOptions,
  source: AsyncIterable<CopyEntry>,
): Promise<void> {
  const { folder } = target;
  const common = { overwrite: options.overwrite, ignoreDevices: root === null };
  const me = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const owner: TreeTarget['owner'] = (entry) =>
    root ? onMachine(root, options.chown ? root.user : { uid: entry.uid, gid: entry.gid }) : me;
  if (root) {
    await prefixed('to container', writeTree({ ...common, root: folder.root, base: folder.path, owner }, source));
    return;
  }
  // On the host a copy never leaves the folder it goes to, whatever links it brings along.
  const { fd } = pinInRoot(folder.root, folder.path, 0);
  try {
    await prefixed('to host', writeTree({ ...common, root: fd, base: '', owner }, source));
  } finally {
    closeSync(fd);
  }
}

async function prefixed(where: string, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof TspodError) || error.code === 'BAD_ARGUMENT') throw error;
    throw new TspodError(error.code, `copying ${where}: ${error.message}`, { cause: error });
  }
}
