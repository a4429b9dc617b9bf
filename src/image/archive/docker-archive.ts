/** Images of `docker save`: a tar with manifest.json (Docker image specification 1.2). */
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, Manifest } from '../../oci/image-spec.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { digestOf } from '../../registry/manifest.ts';
import { formatReference, parseLocal } from '../../registry/reference.ts';
import { parseImageConfig } from '../image-config.ts';
import { type Archive, readEntry, readJson } from './archive.ts';
import { decoderFor } from './compression.ts';
import type { ArchivedImage } from './oci-layout.ts';

interface Item {
  Config: string;
  RepoTags: string[];
  Layers: string[];
}

const manifestLimit = 16 * 1024 * 1024;
const configLimit = 8 * 1024 * 1024;

/** The images of an archive. @throws TspodError CORRUPT_BLOB */
export async function readDockerArchive(archive: Archive): Promise<ArchivedImage[]> {
  const items = await readJson(archive, 'manifest.json', manifestLimit);
  if (!Array.isArray(items)) throw new TspodError('CORRUPT_BLOB', 'manifest.json in the archive is no list');
  const images: ArchivedImage[] = [];
  for (const item of items) images.push(await readImage(archive, checked(item)));
  return images;
}

async function readImage(archive: Archive, { Config, RepoTags, Layers }: Item): Promise<ArchivedImage> {
  const config = await readEntry(archive, Config, configLimit);
  const { diff_ids } = parseImageConfig(config, Layers.length).rootfs;
  const files = new Map<Digest, string>();
  const layers: Descriptor[] = [];
  for (const [index, name] of Layers.entries()) {
    const digest = diff_ids[index];
    if (!digest) continue;
    files.set(digest, name);
    layers.push({ mediaType: mediaTypes.dockerLayerGzip, size: await plainSize(archive, name), digest });
  }
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.dockerManifest,
    config: { mediaType: mediaTypes.dockerConfig, size: config.length, digest: digestOf(config) },
    layers,
  };
  // Podman writes this manifest with this very order of fields: the same archive gets the same digest.
  const bytes = Buffer.from(JSON.stringify(manifest));
  return {
    names: RepoTags.map((tag) => formatReference(parseLocal(tag))),
    source: {
      manifest: { bytes, digest: digestOf(bytes), manifest },
      config: async () => config,
      layer: ({ digest }) => plainLayer(archive, files.get(digest) ?? ''),
    },
  };
}

/** Layers are plain tars; some tools compress them, but the digests are those of the tars. */
async function* plainLayer(archive: Archive, name: string): AsyncGenerator<Uint8Array> {
  const decoder = await decoderOf(archive, name);
  const stream = archive.stream(name);
  if (decoder === null) yield* stream;
  else yield* decoder(stream);
}

async function plainSize(archive: Archive, name: string): Promise<number> {
  if ((await decoderOf(archive, name)) === null) return archive.size(name);
  let size = 0;
  for await (const chunk of plainLayer(archive, name)) size += chunk.length;
  return size;
}

async function decoderOf(archive: Archive, name: string) {
  for await (const chunk of archive.stream(name)) return decoderFor(chunk.subarray(0, 8));
  return null;
}

function checked(item: unknown): Item {
  const { Config, RepoTags, Layers } = (item ?? {}) as Record<string, unknown>;
  if (typeof Config !== 'string') throw new TspodError('CORRUPT_BLOB', 'manifest.json in the archive names no Config');
  return { Config, RepoTags: texts(RepoTags), Layers: texts(Layers) };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
