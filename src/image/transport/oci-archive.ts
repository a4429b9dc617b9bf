/** `oci-archive:FILE[:NAME|:@N]`: an OCI image layout in a tar file. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { TspodError } from '../../errors.ts';
import type { Index } from '../../oci/image-spec.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { openTar } from '../archive/archive.ts';
import { plainFile } from '../archive/spool.ts';
import { pathSubject } from '../signature/subject.ts';
import { blobName, descriptorOf, layoutReader, ociTypes } from './oci.ts';
import { type LayoutImage, layoutFile, parseLayoutName, withImage } from './oci-index.ts';
import { TarFile } from './tar-file.ts';
import type { ImageName, ImageReader, ImageWriter, TargetOptions, Transport } from './transport.ts';

export const ociArchive: Transport = { name: 'oci-archive', parse };

function parse(rest: string): ImageName {
  const { path, image } = parseLayoutName(ociArchive.name, rest);
  const file = resolve(path);
  return {
    transport: ociArchive.name,
    rest,
    reference: null,
    read: async () => read(file, image),
    write: async (_context, options) => write(file, image, options),
    remove: async () => {
      throw new TspodError('UNSUPPORTED', 'deleting images not implemented for oci-archive: images');
    },
  };
}

async function read(file: string, image: LayoutImage): Promise<ImageReader> {
  if (!existsSync(file)) throw new TspodError('BAD_ARGUMENT', `open ${file}: no such file or directory`);
  const plain = await plainFile(file);
  try {
    const reader = await layoutReader(await openTar(plain.path), image, pathSubject('oci-archive', file));
    return { ...reader, close: async () => plain.remove() };
  } catch (error) {
    plain.remove();
    throw error;
  }
}

function write(file: string, image: LayoutImage, { acceptUncompressed }: TargetOptions): ImageWriter {
  if ('position' in image) throw new TspodError('BAD_ARGUMENT', 'an image is written by its name, not by its position');
  const tar = new TarFile(file);
  let index: Index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };
  return {
    kind: 'blobs',
    types: ociTypes,
    layers: acceptUncompressed ? 'as they are' : 'compressed',
    indexes: true,
    foreign: false,
    has: async ({ digest }) => tar.has(blobName(digest)),
    put: ({ digest, size }, stream) => tar.stream(blobName(digest), size, stream),
    add: (open) => tar.add(open, blobName),
    async manifest(manifest, instance) {
      await tar.file(blobName(manifest.digest), manifest.bytes);
      if (!instance) index = withImage(index, descriptorOf(manifest), image.name);
    },
    async commit() {
      await tar.file('index.json', Buffer.from(JSON.stringify(index)));
      await tar.file('oci-layout', layoutFile);
      await tar.commit();
    },
    close: async () => tar.close(),
  };
}
