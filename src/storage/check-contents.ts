/** The slow half of `system check`: is the content of each layer still what was unpacked? */
import { lstatSync, readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import type { Header } from 'tar-stream';
import { hasErrno, messageOf } from '../errors.ts';
import { isOpaque } from './changes.ts';
import type { Problem } from './check.ts';
import type { Driver, LayerHomes } from './driver.ts';
import type { LayerRecord } from './records.ts';

export interface ContentSource {
  driver: Driver;
  homes: LayerHomes;
  layers(): LayerRecord[];
  layerFolder(id: string): string;
  layerTar(id: string): AsyncIterable<Buffer>;
}

/** Makes the tar of every image layer again and compares its digest and the list of files with the folder. */
export async function checkContents(store: ContentSource): Promise<Problem[]> {
  const problems: Problem[] = [];
  const below = new Map<string, Members>();
  for (const layer of store.layers()) {
    if (!layer['diff-digest']) continue;
    for (const message of await checkLayerContent(store, layer, below)) {
      problems.push({ kind: 'layer', id: layer.id, message: `layer ${layer.id}: ${message}` });
    }
  }
  return problems;
}

/** @param below what was found in the parents: it belongs to whole layers */
async function checkLayerContent(
  store: ContentSource,
  layer: LayerRecord,
  below: Map<string, Members>,
): Promise<string[]> {
  const { driver, homes } = store;
  try {
    const members = await membersOf(store.layerTar(layer.id));
    const expected = driver.isWhole ? onTop(members, below.get(layer.parent ?? '')) : members;
    if (driver.isWhole) below.set(layer.id, expected);
    return compare(expected, driver.contents(homes, store.layerFolder(layer.id))[0] ?? '');
  } catch (error) {
    return [messageOf(error).replace(`layer "${layer.id}": `, '')];
  }
}

/** The file of a layer that hides what lower layers have in its folder. */
const opaque = '.wh..wh..opq';

interface Member {
  type: string;
  size: number;
  mode: number;
  uid: number;
  gid: number;
}

/** Path without slashes at its ends to what the tar says of it; the last word counts. */
type Members = Map<string, Member>;

/** The members of a layer and those of its parent that it does not delete or hide. */
function onTop(members: Members, parent: Members = new Map()): Members {
  const all = new Map(members);
  for (const [path, { type }] of members) if (type === 'whiteout' || type === 'opaque') all.delete(path);
  // A folder that the tar does not name has the unpacker's mode, not the parent's.
  const unnamed = foldersOf(members);
  for (const [path, member] of parent) {
    if (!all.has(path) && !unnamed.has(path) && !isHidden(members, path)) all.set(path, member);
  }
  return all;
}

function isHidden(members: Members, path: string): boolean {
  const [folder, name] = split(path);
  const own = members.get(path);
  if (own && own.type !== 'directory') return true;
  if (members.has(join(folder, opaque))) return true;
  return name !== path && isHidden(members, folder);
}

async function membersOf(tar: AsyncIterable<Buffer>): Promise<Members> {
  const { extract } = await import('tar-stream');
  const members: Members = new Map();
  const parser = extract();
  const source = Readable.from(tar);
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  for await (const entry of parser) {
    addMember(members, entry.header);
    entry.resume();
  }
  // What follows the end of the archive belongs to the digest.
  for await (const _rest of source);
  return members;
}

function addMember(members: Members, header: Header): void {
  const path = clean(header.name);
  if (path === '') return;
  const [folder, name] = split(path);
  const { size = 0, mode = 0, uid = 0, gid = 0 } = header;
  if (name === opaque) members.set(path, { type: 'opaque', size: 0, mode: 0, uid, gid });
  else if (name.startsWith('.wh.'))
    members.set(join(folder, name.slice(4)), { type: 'whiteout', size: 0, mode: 0, uid, gid });
  else members.set(path, { type: header.type ?? 'file', size, mode: mode & 0o7777, uid, gid });
}

function compare(expected: Members, diff: string): string[] {
  const differences: string[] = [];
  const folders = foldersOf(expected);
  for (const path of expected.keys()) {
    const reason = differs(expected.get(path), `${diff}/${path}`);
    if (reason) differences.push(`-${path} (${reason}), layer content modified`);
  }
  for (const path of walk(diff, '')) {
    if (!expected.has(path) && !folders.has(path)) differences.push(`+${path}, layer content modified`);
  }
  return differences.slice(0, 20);
}

function foldersOf(members: Members): Set<string> {
  const folders = new Set<string>();
  for (const path of members.keys()) {
    for (let [folder] = split(path); folder !== ''; [folder] = split(folder)) folders.add(folder);
  }
  return folders;
}

function differs(member: Member | undefined, path: string): string {
  if (member?.type === 'opaque') return isOpaque(split(path)[0]) ? '' : 'folder is not opaque';
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!member || !stat) return 'missing';
  if (member.type === 'whiteout') return stat.isCharacterDevice() && stat.rdev === 0 ? '' : 'no whiteout';
  if (member.type === 'link') return stat.isFile() || stat.isSymbolicLink() ? '' : 'no link';
  if (stat.uid !== member.uid || stat.gid !== member.gid) return 'owner';
  if (member.type === 'file' && (!stat.isFile() || stat.size !== member.size)) return 'size';
  if (member.type === 'directory' && !stat.isDirectory()) return 'no folder';
  if (member.type === 'symlink') return stat.isSymbolicLink() ? '' : 'no link';
  return (stat.mode & 0o7777) === member.mode ? '' : 'permissions';
}

/** Folders before what is in them. Names that are no UTF-8 are left out: they are in the digest. */
function* walk(root: string, folder: string): Generator<string> {
  for (const entry of list(`${root}/${folder}`)) {
    if (entry.name.includes('\ufffd')) continue;
    const path = join(folder, entry.name);
    yield path;
    if (entry.isDirectory()) yield* walk(root, path);
  }
}

function list(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** As the unpacker reads names: no `.`, no empty part, and `..` never above the top. */
function clean(name: string): string {
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function split(path: string): [folder: string, name: string] {
  const at = path.lastIndexOf('/');
  return at < 0 ? ['', path] : [path.slice(0, at), path.slice(at + 1)];
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
