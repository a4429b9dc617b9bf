/** `docker-archive:FILE[:NAME:TAG|:@N]`: the archive of `docker save`. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { TspodError } from '../../errors.ts';
import { hexOf } from '../../oci/digest.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { parseManifest } from '../../registry/manifest.ts';
import { formatReference, parseDocker, type Reference, withDefaultTag } from '../../registry/reference.ts';
import { openTar } from '../archive/archive.ts';
import { readDockerArchive } from '../archive/docker-archive.ts';
import type { ArchivedImage } from '../archive/oci-layout.ts';
import { plainFile } from '../archive/spool.ts';
import { pathSubject } from '../signature/subject.ts';
import { rawManifest } from './raw-manifest.ts';
import { TarFile } from './tar-file.ts';
import type { ImageName, ImageReader, ImageWriter, TargetOptions, Transport } from './transport.ts';

export const dockerArchive: Transport = { name: 'docker-archive', parse };

type Choice = { reference: Reference } | { position: number } | null;

function parse(rest: string): ImageName {
  const { path, choice } = parseRest(rest);
  const file = resolve(path);
  return {
    transport: dockerArchive.name,
    rest,
    reference: choice && 'reference' in choice ? choice.reference : null,
    read: () => read(file, choice),
    write: async (_context, options) => write(file, choice, options),
    remove: async () => {
      throw new TspodError('UNSUPPORTED', 'deleting images not implemented for docker-archive: images');
    },
  };
}

/** Names of the images of an archive; `@N` for one without. @throws TspodError CORRUPT_BLOB */
export async function archiveTags(rest: string): Promise<string[]> {
  const { images, close } = await openImages(resolve(parseRest(rest).path));
  close();
  return images.flatMap(({ names }, position) => (names.length > 0 ? names : [`@${position}`]));
}

function parseRest(rest: string): { path: string; choice: Choice } {
  const colon = rest.indexOf(':');
  const path = colon < 0 ? rest : rest.slice(0, colon);
  if (path === '')
    throw new TspodError('BAD_ARGUMENT', 'docker-archive reference "" isn\'t of the form <path>[:<reference>]');
  if (colon < 0) return { path, choice: null };
  const name = rest.slice(colon + 1);
  const position = /^@(\d{1,9})$/.exec(name)?.[1];
  if (position !== undefined) return { path, choice: { position: Number(position) } };
  const reference = withDefaultTag(parseDocker(name));
  if (reference.digest !== '') {
    throw new TspodError('BAD_ARGUMENT', `docker-archive doesn't support digest references: "${name}"`);
  }
  return { path, choice: { reference } };
}

async function read(file: string, choice: Choice): Promise<ImageReader> {
  const { images, close } = await openImages(file);
  try {
    const { names, source } = choose(images, choice, file);
    const { bytes, manifest } = source.manifest;
    return {
      subject: pathSubject('docker-archive', file),
      names: () => names,
      manifest: async (instance) => rawManifest(bytes, instance, mediaTypes.dockerManifest),
      async *blob(descriptor) {
        if (descriptor.digest === manifest.config.digest) yield await source.config();
        else yield* source.layer(descriptor, 0);
      },
      // They are called gzip in the manifest, as Podman has it, and are plain.
      layers: () => manifest.layers.map((layer) => ({ descriptor: { ...layer, mediaType: mediaTypes.dockerLayer } })),
      close: async () => close(),
    };
  } catch (error) {
    close();
    throw error;
  }
}

async function openImages(file: string): Promise<{ images: ArchivedImage[]; close(): void }> {
  if (!existsSync(file)) throw new TspodError('BAD_ARGUMENT', `opening file "${file}": no such file or directory`);
  const plain = await plainFile(file);
  try {
    return { images: await readDockerArchive(await openTar(plain.path)), close: () => plain.remove() };
  } catch (error) {
    plain.remove();
    throw error;
  }
}

function choose(images: ArchivedImage[], choice: Choice, file: string): ArchivedImage {
  const [only] = images;
  if (choice === null) {
    if (only && images.length === 1) return only;
    throw new TspodError('BAD_ARGUMENT', `${file} holds ${images.length} images: choose one by its name or by @N`);
  }
  const chosen =
    'position' in choice
      ? images[choice.position]
      : images.find(({ names }) => names.some((name) => name === formatReference(choice.reference)));
  if (chosen) return chosen;
  const wanted = 'position' in choice ? `@${choice.position}` : `"${formatReference(choice.reference)}"`;
  throw new TspodError('NO_SUCH_IMAGE', `${file} has no image ${wanted}`);
}

function write(file: string, choice: Choice, { additionalTags = [] }: TargetOptions): ImageWriter {
  if (choice && 'position' in choice) {
    throw new TspodError('BAD_ARGUMENT', 'an image is written by its name, not by its position');
  }
  const existing = statSync(file, { throwIfNoEntry: false });
  if (existing?.isFile() && existing.size > 0) {
    throw new TspodError('BAD_ARGUMENT', "docker-archive doesn't support modifying existing images");
  }
  const tar = new TarFile(file);
  const tags = [...(choice ? [formatReference(choice.reference)] : []), ...additionalTags];
  return {
    kind: 'blobs',
    types: [mediaTypes.dockerManifest],
    layers: 'plain',
    indexes: false,
    foreign: false,
    has: async ({ digest }) => tar.has(`${hexOf(digest)}.tar`) || tar.has(`${hexOf(digest)}.json`),
    put: ({ digest, size }, stream, isConfig) =>
      tar.stream(`${hexOf(digest)}.${isConfig ? 'json' : 'tar'}`, size, stream),
    add: (open) => tar.add(open, (digest) => `${hexOf(digest)}.tar`),
    async manifest({ bytes }) {
      const parsed = parseManifest(bytes);
      if (parsed.kind !== 'manifest') throw new TspodError('UNSUPPORTED', 'an archive of Docker holds no image index');
      const { config, layers } = parsed.manifest;
      const names = layers.map(({ digest }) => `${hexOf(digest)}.tar`);
      const item = { Config: `${hexOf(config.digest)}.json`, RepoTags: tags.length > 0 ? tags : null, Layers: names };
      await tar.file('manifest.json', Buffer.from(JSON.stringify([item])));
    },
    commit: () => tar.commit(),
    close: async () => tar.close(),
  };
}
