/** `oci:FOLDER[:NAME|:@N]`: an OCI image layout. */
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { TspodError } from '../../errors.ts';
import { type Digest, hexOf } from '../../oci/digest.ts';
import type { Index } from '../../oci/image-spec.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { manifestLimit, parseManifest } from '../../registry/manifest.ts';
import { type Archive, openFolder, readEntry } from '../archive/archive.ts';
import { namesOf } from '../archive/oci-layout.ts';
import type { PolicySubject } from '../signature/enforce.ts';
import { pathSubject } from '../signature/subject.ts';
import { BlobFolder } from './blob-folder.ts';
import {
  chooseImage,
  type LayoutImage,
  layoutFile,
  parseLayoutName,
  readIndex,
  withImage,
  withoutImage,
} from './oci-index.ts';
import { rawManifest } from './raw-manifest.ts';
import type {
  ImageName,
  ImageReader,
  ImageWriter,
  RawManifest,
  SourceOptions,
  TargetOptions,
  Transport,
} from './transport.ts';

export const oci: Transport = { name: 'oci', parse };

/** What the layouts of OCI hold. */
export const ociTypes = [mediaTypes.ociManifest, mediaTypes.ociIndex];

function parse(rest: string): ImageName {
  const { path, image } = parseLayoutName(oci.name, rest);
  const folder = resolve(path);
  return {
    transport: oci.name,
    rest,
    reference: null,
    read: async (_context, options) => layoutReader(openLayout(folder, options), image, pathSubject('oci', folder)),
    write: async (_context, options) => write(folder, image, options),
    remove: (_context, options) => remove(folder, image, options),
  };
}

/** Reads one image of a layout. */
export async function layoutReader(archive: Archive, image: LayoutImage, subject: PolicySubject): Promise<ImageReader> {
  const where = subject.name.slice(subject.transport.length + 1);
  if (!archive.has('index.json')) {
    throw new TspodError('CORRUPT_BLOB', `open ${where}/index.json: no such file or directory`);
  }
  const chosen = chooseImage(await readIndex(archive), image, where);
  const { digest, mediaType } = chosen;
  return {
    subject,
    names: () => namesOf(chosen),
    async manifest(instance) {
      const wanted = instance ?? digest;
      const bytes = await readEntry(archive, blobName(wanted), manifestLimit);
      return rawManifest(bytes, wanted, instance ? '' : (mediaType ?? ''));
    },
    blob: (descriptor) => archive.stream(blobName(descriptor.digest)),
    close: async () => {},
  };
}

export function blobName(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

/** Blobs may lie in a folder that several layouts share. */
function openLayout(folder: string, { sharedBlobDir }: SourceOptions): Archive {
  const own = openFolder(folder);
  if (!sharedBlobDir) return own;
  const shared = openFolder(sharedBlobDir);
  const of = (name: string) => (name.startsWith('blobs/') ? shared : own);
  const inside = (name: string) => name.replace(/^blobs\//, '');
  return {
    has: (name) => of(name).has(inside(name)),
    size: (name) => of(name).size(inside(name)),
    stream: (name) => of(name).stream(inside(name)),
  };
}

async function write(folder: string, image: LayoutImage, options: TargetOptions): Promise<ImageWriter> {
  if ('position' in image) throw new TspodError('BAD_ARGUMENT', 'an image is written by its name, not by its position');
  mkdirSync(`${folder}/blobs`, { recursive: true });
  const layout = new BlobFolder(folder);
  if (options.sharedBlobDir) mkdirSync(options.sharedBlobDir, { recursive: true });
  const blobs = new BlobFolder(options.sharedBlobDir ?? `${folder}/blobs`);
  let index = await existingIndex(folder);
  return {
    kind: 'blobs',
    types: ociTypes,
    layers: options.acceptUncompressed ? 'as they are' : 'compressed',
    indexes: true,
    foreign: false,
    has: async ({ digest, size }) => blobs.has(`sha256/${hexOf(digest)}`, size),
    put: ({ digest }, stream) => blobs.put(`sha256/${hexOf(digest)}`, stream),
    add: (open) => blobs.add(open, (digest) => `sha256/${hexOf(digest)}`),
    async manifest(manifest, instance) {
      blobs.file(`sha256/${hexOf(manifest.digest)}`, manifest.bytes);
      if (!instance) index = withImage(index, descriptorOf(manifest), image.name);
    },
    async commit() {
      layout.file('oci-layout', layoutFile);
      layout.file('index.json', Buffer.from(JSON.stringify(index)));
      blobs.commit();
    },
    async close() {
      layout.close();
      blobs.close();
    },
  };
}

export function descriptorOf({ bytes, digest, mediaType }: RawManifest) {
  return { mediaType, digest, size: bytes.length };
}

async function existingIndex(folder: string): Promise<Index> {
  const archive = openFolder(folder);
  if (!archive.has('index.json')) return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };
  return readIndex(archive);
}

/** Deletes the entry of the index and the blobs that no other image of the layout needs. */
async function remove(folder: string, image: LayoutImage, options: SourceOptions): Promise<void> {
  const archive = openLayout(folder, options);
  const index = await readIndex(archive);
  const left = withoutImage(index, chooseImage(index, image, folder));
  const needed = new Set<string>();
  for (const { digest } of left.manifests) await collect(archive, digest, needed);
  new BlobFolder(folder).file('index.json', Buffer.from(JSON.stringify(left)));
  if (options.sharedBlobDir) return;
  const blobs = `${folder}/blobs/sha256`;
  for (const name of readdirSync(blobs)) if (!needed.has(name)) rmSync(`${blobs}/${name}`);
}

async function collect(archive: Archive, digest: Digest, needed: Set<string>): Promise<void> {
  if (needed.has(hexOf(digest))) return;
  needed.add(hexOf(digest));
  const parsed = parseManifest(await readEntry(archive, blobName(digest), manifestLimit));
  if (parsed.kind === 'index') for (const entry of parsed.index.manifests) await collect(archive, entry.digest, needed);
  else for (const blob of [parsed.manifest.config, ...parsed.manifest.layers]) needed.add(hexOf(blob.digest));
}
