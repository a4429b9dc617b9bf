/** Loading images from archives and folders. */
import { statSync } from 'node:fs';
import { messageOf, TspodError } from '../errors.ts';
import { type Archive, openFolder, openTar } from './archive/archive.ts';
import { readDirLayout } from './archive/dir-layout.ts';
import { readDockerArchive } from './archive/docker-archive.ts';
import { type ArchivedImage, readOciLayout } from './archive/oci-layout.ts';
import { type PlainFile, plainFile, standardInput } from './archive/spool.ts';
import { type ImageContext, imageEvent } from './context.ts';
import type { OnCopyEvent } from './events.ts';
import { enforcePolicy } from './signature/enforce.ts';
import { pathSubject } from './signature/subject.ts';
import { storeImage } from './store-image.ts';

export type ArchiveFormat = 'oci' | 'oci-archive' | 'docker-archive' | 'dir';

export interface LoadOptions {
  onProgress?: OnCopyEvent | undefined;
  /** What the journal says instead of `loadfromarchive` and the path. */
  event?: { status: string; name: string };
  /** The format, when it is known; else all are tried. */
  format?: ArchiveFormat;
  /** The policy.json to obey instead of the system's. */
  policyFile?: string | undefined;
}

interface Found {
  format: ArchiveFormat;
  images: ArchivedImage[];
}

export interface LoadedImage {
  id: string;
  /** Full names, or `sha256:ID` for an image without. */
  names: string[];
}

/**
 * Loads every image of an archive or folder.
 *
 * @param path a file or folder; null for standard input
 * @throws TspodError CORRUPT_BLOB in Podman's words when it is none of the formats
 */
export async function loadArchive(
  context: ImageContext,
  path: string | null,
  options: LoadOptions = {},
): Promise<LoadedImage[]> {
  if (path !== null && isFolder(path)) return storeAll(context, path, await readFolder(path, options), options);
  let file: PlainFile | null = null;
  try {
    file = path === null ? await standardInput() : await plainFile(path);
    return await storeAll(context, path ?? file.path, await readTar(file.path, options), options);
  } finally {
    file?.remove();
  }
}

async function storeAll(
  context: ImageContext,
  path: string,
  { format, images }: Found,
  options: LoadOptions,
): Promise<LoadedImage[]> {
  const { onProgress = () => {}, policyFile = context.systemContext?.policyFile } = options;
  const loaded: LoadedImage[] = [];
  for (const image of images) await checkPolicy(format, path, image, policyFile);
  for (const { names, source } of images) {
    const record = await storeImage(context.store, source, { names, onProgress });
    const { status, name } = options.event ?? { status: 'loadfromarchive', name: path };
    imageEvent(context, status, record.id, name);
    loaded.push({ id: record.id, names: names.length > 0 ? names : [`sha256:${record.id}`] });
  }
  return loaded;
}

/** All of an archive or nothing: before the first of its images is stored. */
function checkPolicy(
  format: ArchiveFormat,
  path: string,
  { names, source }: ArchivedImage,
  file: string | undefined,
): Promise<void> {
  const signatures = async () => {
    const { folderSignatures } = await import('./signature/folder-signatures.ts');
    return format === 'dir' ? folderSignatures(path) : [];
  };
  return enforcePolicy({ ...pathSubject(format, path, names[0]), manifest: source.manifest.bytes, signatures }, file);
}

async function readFolder(path: string, { format }: LoadOptions): Promise<Found> {
  const archive = openFolder(path);
  const readers: [ArchiveFormat, string, (archive: Archive) => Promise<ArchivedImage[]>][] = [
    ['oci', 'index.json', readOciLayout],
    ['dir', 'manifest.json', readDirLayout],
  ];
  for (const [name, file, read] of readers) {
    if ((format !== undefined && format !== name) || !archive.has(file)) continue;
    // Podman gives images of folders no names, whatever their index says.
    return { format: name, images: (await read(archive)).map((image) => ({ ...image, names: [] })) };
  }
  throw noFormat(readers.map(([name, file]) => `${name}: open ${path}/${file}: no such file or directory`));
}

async function readTar(path: string, { format }: LoadOptions): Promise<Found> {
  const readers: [ArchiveFormat, string, (archive: Archive) => Promise<ArchivedImage[]>][] = [
    ['oci-archive', 'index.json', readOciLayout],
    ['docker-archive', 'manifest.json', readDockerArchive],
  ];
  const wanted = readers.filter(([name]) => format === undefined || format === name);
  let archive: Archive;
  try {
    archive = await openTar(path);
  } catch (error) {
    throw noFormat(wanted.map(([name]) => `${name}: ${messageOf(error)}`));
  }
  const present = wanted.filter(([, file]) => archive.has(file));
  // Docker's archives are both: the one that names its images wins over an index without names.
  for (const [index, [name, , read]] of present.entries()) {
    const images = await read(archive);
    const last = index === present.length - 1;
    if (last || images.every(({ names }) => names.length > 0)) return { format: name, images };
  }
  throw noFormat(wanted.map(([name, file]) => `${name}: "${file}" is missing`));
}

function isFolder(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new TspodError('BAD_ARGUMENT', `faccessat ${path}: no such file or directory`);
  return stat.isDirectory();
}

function noFormat(reasons: string[]): TspodError {
  const lines = reasons.map((reason) => `\n * ${reason}`);
  return new TspodError('CORRUPT_BLOB', `payload does not match any of the supported image formats:${lines.join('')}`);
}
