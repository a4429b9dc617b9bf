/** Files that become an artifact of the store. */

import { basename } from 'node:path';
import { hasErrno, messageOf, TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, Manifest } from '../../oci/image-spec.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { digestOf } from '../../registry/manifest.ts';
import { parseReference } from '../../registry/reference.ts';
import { timestamp } from '../../system/clock.ts';
import type { ImageContext } from '../context.ts';
import { type ArtifactStore, withArtifacts } from './store.ts';
import { storeFile } from './write-blob.ts';

export interface AddArtifactOptions {
  annotations?: Record<string, string>;
  /** Type of the artifact. */
  type?: string | undefined;
  /** Media type of the files; default: what their first bytes look like. */
  fileType?: string | undefined;
  /** Add to the artifact of this name. */
  append?: boolean | undefined;
  /** Take the place of the artifact of this name. */
  replace?: boolean | undefined;
}

const titleKey = 'org.opencontainers.image.title';
const empty = Buffer.from('{}');

/** @returns the digest of the manifest. @throws TspodError BAD_ARGUMENT, NO_SUCH_IMAGE, NO_SPACE */
export async function addArtifact(
  context: ImageContext,
  name: string,
  files: readonly string[],
  options: AddArtifactOptions = {},
): Promise<Digest> {
  parseReference(name);
  if (options.append && options.type) throw bad('append option is not compatible with type option');
  return withArtifacts(context, 'exclusive', async (artifacts) => {
    const manifest = startOf(artifacts, name, options);
    const titles = new Set(manifest.layers.map((layer) => layer.annotations?.[titleKey]));
    for (const file of files) {
      if (titles.has(basename(file))) throw bad(`${basename(file)}: file already exists in artifact`);
      titles.add(basename(file));
    }
    for (const file of files) manifest.layers.push(await layerOf(artifacts, file, options));
    artifacts.putBlob(empty);
    return artifacts.put(name, Buffer.from(JSON.stringify(manifest)));
  });
}

function startOf(artifacts: ArtifactStore, name: string, options: AddArtifactOptions): Manifest {
  if (options.append) return structuredClone(artifacts.require(name).manifest);
  if (!options.replace && artifacts.find(name)) throw bad(`${name}: artifact already exists`);
  return {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    ...(options.type ? { artifactType: options.type } : {}),
    config: { mediaType: mediaTypes.ociEmpty, digest: digestOf(empty), size: 2, data: empty.toString('base64') },
    layers: [],
    annotations: { ...options.annotations, 'org.opencontainers.image.created': timestamp() },
  };
}

async function layerOf(
  artifacts: ArtifactStore,
  file: string,
  { annotations = {}, fileType }: AddArtifactOptions,
): Promise<Descriptor> {
  const title = annotations[titleKey] ?? basename(file);
  try {
    const { digest, size, type } = await storeFile(artifacts, file);
    return { mediaType: fileType || type, digest, size, annotations: { ...annotations, [titleKey]: title } };
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) throw bad(`open ${file}: no such file or directory`);
    if (hasErrno(error, 'EISDIR')) throw bad(`read ${file}: is a directory`);
    throw error instanceof TspodError ? error : bad(messageOf(error));
  }
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
