/** Saving images to archives and folders. */
import {
  chmodSync,
  closeSync,
  copyFileSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hasCode, hasErrno, messageOf, TspodError } from '../errors.ts';
import { formatReference, parseLocal } from '../registry/reference.ts';
import { type ImageContext, imageEvent } from './context.ts';
import type { OnCopyEvent } from './events.ts';
import { type FoundImage, requireImage } from './lookup.ts';
import { type NamedParts, writeDockerArchive } from './save/docker-archive.ts';
import { imageParts } from './save/image-parts.ts';
import { type LayoutTarget, writeDirLayout, writeOciLayout } from './save/layouts.ts';
import { type Sink, TarWriter } from './save/tar-writer.ts';

export type SaveFormat = 'docker-archive' | 'oci-archive' | 'oci-dir' | 'docker-dir';

export interface SaveOptions {
  format: SaveFormat;
  /** File or folder; or a function that takes the bytes of an archive. */
  output: string | Sink;
  /** More names for the one image that is saved. */
  tags?: readonly string[];
  /** Do not compress the layers of an OCI archive. */
  uncompressed?: boolean;
  compress?: boolean;
  onProgress?: OnCopyEvent;
  /** What the journal says instead of `save` and the output. */
  event?: { status: string; name: string };
}

/** @throws TspodError NO_SUCH_IMAGE, BAD_ARGUMENT, CORRUPT_STORE */
export async function saveImages(context: ImageContext, names: readonly string[], options: SaveOptions): Promise<void> {
  const { format, tags = [] } = options;
  if (names.length > 1 && format !== 'docker-archive') {
    throw bad(`unsupported format "${format}" for saving multiple images (only docker-archive)`);
  }
  if (names.length > 1 && tags.length > 0) throw bad('cannot save multiple images with multiple tags');
  const found = names.map((name) => requireImage(context, name));
  const [image] = found;
  if (format === 'docker-archive') await saveDocker(context, found, options);
  else if (image) await saveLayout(context, image, options);
  const { status, name } = options.event ?? {
    status: 'save',
    name: typeof options.output === 'string' ? options.output : '-',
  };
  for (const { record } of found) imageEvent(context, status, record.id, name);
}

async function saveDocker(context: ImageContext, found: FoundImage[], options: SaveOptions): Promise<void> {
  const images = new Map<string, NamedParts>();
  const extra = (options.tags ?? []).map((tag) => formatReference(parseLocal(tag)));
  for (const { record, name } of found) {
    const image = images.get(record.id) ?? { parts: imageParts(context.store, record), tags: [...extra] };
    if (isTag(name, record.id) && !image.tags.includes(name)) image.tags.push(name);
    images.set(record.id, image);
  }
  const { output, onProgress = () => {} } = options;
  await withSink(output, (sink) => writeDockerArchive([...images.values()], sink, onProgress));
}

async function saveLayout(context: ImageContext, { record, name }: FoundImage, options: SaveOptions): Promise<void> {
  const { format, output, onProgress = () => {} } = options;
  const parts = imageParts(context.store, record);
  const isOci = format !== 'docker-dir';
  const write = isOci ? writeOciLayout : writeDirLayout;
  const uncompressed = options.uncompressed ?? (!isOci && !options.compress);
  const folder = await mkdtemp(`${process.env['TMPDIR'] || '/var/tmp'}/tspod-`);
  const layout = { name: isTag(name, record.id) ? name : '', uncompressed, folder, onProgress };
  try {
    if (format === 'oci-archive') {
      await withSink(output, async (sink) => {
        const tar = new TarWriter(sink);
        await write(parts, tarTarget(tar), layout);
        tar.end();
      });
    } else if (typeof output === 'string') await write(parts, folderTarget(output), layout);
    else throw bad(`"${format}" needs a folder: use --output`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tarTarget(tar: TarWriter): LayoutTarget {
  return {
    file: (name, content) => tar.file(name, content),
    blob: (name, blob) => tar.stream(name, blob.size, blob.stream()),
  };
}

function folderTarget(folder: string): LayoutTarget {
  const pathOf = (name: string) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    return path;
  };
  return {
    file: (name, content) => writeFileSync(pathOf(name), content),
    blob: async (name, blob) => moveFile(blob.path, pathOf(name)),
  };
}

/** The temporary folder may be on another disk. */
function moveFile(from: string, to: string): void {
  try {
    renameSync(from, to);
    chmodSync(to, 0o644);
  } catch (error) {
    if (!hasErrno(error, 'EXDEV')) throw error;
    copyFileSync(from, to);
  }
}

/** A file that could not be finished is removed: half an archive must not look like one. */
async function withSink(output: string | Sink, write: (sink: Sink) => Promise<void>): Promise<void> {
  if (typeof output !== 'string') return write(output);
  const existing = statSync(output, { throwIfNoEntry: false });
  if (existing?.isFile() && existing.size > 0) throw bad("docker-archive doesn't support modifying existing images");
  const fd = openOutput(output);
  try {
    await write(Object.assign((bytes: Uint8Array) => writeAll(fd, bytes), { fd }));
  } catch (error) {
    if (!existing) rmSync(output, { force: true });
    throw hasErrno(error, 'ENOSPC') || hasCode(error, 'NO_SPACE')
      ? new TspodError('NO_SPACE', `writing "${output}": no space left on device`)
      : error;
  } finally {
    closeSync(fd);
  }
}

function openOutput(path: string): number {
  try {
    return openSync(path, 'w', 0o644);
  } catch (error) {
    const reason = hasErrno(error, 'ENOENT') ? 'no such file or directory' : messageOf(error);
    throw new TspodError('BAD_ARGUMENT', `opening file "${path}": ${reason}`, { cause: error });
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(fd, rest));
}

function isTag(name: string, id: string): boolean {
  return !id.startsWith(name) && !name.includes('@') && !name.startsWith('sha256:');
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
