/** `dir:FOLDER`: the manifest and the blobs of an image as plain files, each blob by the hex of its digest. */
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { TspodError } from '../../errors.ts';
import { hexOf } from '../../oci/digest.ts';
import { digestOf, manifestLimit } from '../../registry/manifest.ts';
import { openFolder, readEntry } from '../archive/archive.ts';
import { pathSubject } from '../signature/subject.ts';
import { BlobFolder } from './blob-folder.ts';
import { rawManifest } from './raw-manifest.ts';
import type { ImageName, ImageReader, ImageWriter, TargetOptions, Transport } from './transport.ts';

export const dir: Transport = { name: 'dir', parse };

const version = 'Directory Transport Version: 1.1\n';

function parse(rest: string): ImageName {
  if (rest === '') throw new TspodError('BAD_ARGUMENT', 'invalid image name "dir:": the folder is missing');
  const folder = resolve(rest);
  return {
    transport: dir.name,
    rest,
    reference: null,
    read: async () => read(folder),
    write: async (_context, options) => write(folder, options),
    remove: async () => {
      throw new TspodError('UNSUPPORTED', 'deleting images not implemented for dir: images');
    },
  };
}

function read(folder: string): ImageReader {
  const archive = openFolder(folder);
  return {
    subject: pathSubject('dir', folder),
    async signatures(digest) {
      const { folderSignatures } = await import('../signature/folder-signatures.ts');
      const isTop = digestOf(await readEntry(archive, 'manifest.json', manifestLimit)) === digest;
      return folderSignatures(folder, isTop ? undefined : digest);
    },
    async manifest(instance) {
      const name = instance ? `${hexOf(instance)}.manifest.json` : 'manifest.json';
      if (!archive.has(name)) {
        throw new TspodError('CORRUPT_BLOB', `open ${folder}/${name}: no such file or directory`);
      }
      return rawManifest(await readEntry(archive, name, manifestLimit), instance);
    },
    blob: ({ digest }) => archive.stream(hexOf(digest)),
    close: async () => {},
  };
}

function write(folder: string, { compress, decompress }: TargetOptions): ImageWriter {
  const target = new BlobFolder(prepared(folder));
  return {
    kind: 'blobs',
    types: [],
    layers: compress ? 'compressed' : decompress ? 'plain' : 'as they are',
    indexes: true,
    foreign: false,
    has: async ({ digest, size }) => target.has(hexOf(digest), size),
    put: ({ digest }, stream) => target.put(hexOf(digest), stream),
    add: (open) => target.add(open, hexOf),
    async manifest({ bytes }, instance) {
      target.file(instance ? `${hexOf(instance)}.manifest.json` : 'manifest.json', bytes);
    },
    async signatures(digest, signatures, isPart) {
      const { signatureBytes } = await import('../signature/signature.ts');
      const { signatureFile } = await import('../signature/folder-signatures.ts');
      for (const [at, signature] of signatures.entries()) {
        target.file(signatureFile(at + 1, isPart ? digest : undefined), signatureBytes(signature));
      }
    },
    commit: async () => target.commit(),
    close: async () => target.close(),
  };
}

/** An empty folder. One with an image is emptied; any other content may be somebody's and is left alone. */
function prepared(folder: string): string {
  mkdirSync(folder, { recursive: true });
  const names = readdirSync(folder);
  if (names.length > 0) {
    if (!isImageFolder(folder)) {
      throw new TspodError(
        'BAD_ARGUMENT',
        `"${folder}" is not a containers image directory, don't want to overwrite important data`,
      );
    }
    for (const name of names) rmSync(`${folder}/${name}`, { recursive: true });
  }
  // First of all: a copy that breaks off leaves a folder that the next one may empty.
  new BlobFolder(folder).file('version', Buffer.from(version));
  return folder;
}

function isImageFolder(folder: string): boolean {
  try {
    return readFileSync(`${folder}/version`, 'utf8').startsWith('Directory Transport Version: ');
  } catch {
    return false;
  }
}
