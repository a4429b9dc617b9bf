/** Files that become a member of a manifest list: an artifact manifest that only the list knows until it is pushed. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { basename, resolve } from 'node:path';
import { messageOf, TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, Manifest } from '../../oci/image-spec.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { digestOf } from '../../registry/manifest.ts';
import { mediaTypeOf } from '../artifact-type.ts';
import { insert } from './add-instances.ts';
import type { ManifestList } from './list.ts';

export interface ArtifactOptions {
  /** Default `application/vnd.unknown.artifact.v1`. */
  type?: string | undefined;
  configType?: string | undefined;
  /** Bytes of the configuration. */
  config?: Buffer | undefined;
  layerType?: string | undefined;
  excludeTitles?: boolean | undefined;
}

const empty = Buffer.from('{}');
const titleKey = 'org.opencontainers.image.title';

/** @returns the digest of the artifact's manifest. @throws TspodError BAD_ARGUMENT for a file that cannot be read */
export async function addArtifact(
  list: ManifestList,
  files: readonly string[],
  options: ArtifactOptions,
): Promise<Digest> {
  const paths = files.map((file) => resolve(file));
  const layers: Descriptor[] = [];
  for (const path of paths) layers.push(await fileDescriptor(path, options));
  const config = configOf(options);
  const manifest: Manifest & { artifactType: string } = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: options.type ?? 'application/vnd.unknown.artifact.v1',
    config: config.descriptor,
    layers,
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  const digest = digestOf(bytes);
  remember(list, digest, bytes, { config, layers, paths });
  const { artifactType } = manifest;
  insert(list, {
    mediaType: mediaTypes.ociManifest,
    digest,
    size: bytes.length,
    ...(artifactType ? { artifactType } : {}),
  });
  return digest;
}

interface Parts {
  config: { descriptor: Descriptor; bytes: Buffer };
  layers: Descriptor[];
  paths: string[];
}

function remember({ artifacts }: ManifestList, digest: Digest, bytes: Buffer, { config, layers, paths }: Parts): void {
  artifacts.manifests = { ...artifacts.manifests, [digest]: bytes.toString() };
  artifacts.files = { ...artifacts.files, [digest]: paths };
  artifacts.config = { ...artifacts.config, [digest]: config.descriptor.digest };
  artifacts.layers = { ...artifacts.layers, [digest]: layers.map((layer) => layer.digest) };
  artifacts.blobs = { ...artifacts.blobs, [config.descriptor.digest]: config.bytes.toString('base64') };
  artifacts.detached = {
    ...artifacts.detached,
    ...Object.fromEntries(layers.map((layer, index) => [layer.digest, paths[index] ?? ''])),
  };
}

function configOf({ config, configType }: ArtifactOptions): Parts['config'] {
  const bytes = config && config.length > 0 ? config : empty;
  const mediaType = configType || (config && config.length > 0 ? mediaTypes.ociConfig : mediaTypes.ociEmpty);
  const data = bytes.toString('base64');
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length, data }, bytes };
}

/** Reads a file once. @throws TspodError BAD_ARGUMENT */
export async function fileDescriptor(
  path: string,
  { layerType, excludeTitles }: Pick<ArtifactOptions, 'layerType' | 'excludeTitles'>,
): Promise<Descriptor> {
  const hash = createHash('sha256');
  let size = 0;
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>) {
      if (size === 0) head = Buffer.from(chunk.subarray(0, 512));
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    throw new TspodError('BAD_ARGUMENT', `reading "${path}" to determine its digest: ${messageOf(error)}`, {
      cause: error,
    });
  }
  const title = basename(path);
  return {
    mediaType: layerType ?? mediaTypeOf(title, head),
    digest: `sha256:${hash.digest('hex')}`,
    size,
    ...(excludeTitles ? {} : { annotations: { [titleKey]: title } }),
  };
}
