/** Writes the archive of `docker save`: plain layers, each once, configurations, and manifest.json at the end. */
import { hexOf } from '../../oci/digest.ts';
import type { OnCopyEvent } from '../events.ts';
import type { ImageParts } from './image-parts.ts';
import { type Sink, TarWriter } from './tar-writer.ts';

export interface NamedParts {
  parts: ImageParts;
  /** Full names with tags. */
  tags: string[];
}

export async function writeDockerArchive(images: NamedParts[], sink: Sink, onProgress: OnCopyEvent): Promise<void> {
  const tar = new TarWriter(sink);
  const written = new Set<string>();
  for (const { parts } of images) {
    for (const { diffId, size, tar: content } of parts.layers) {
      onProgress({ type: 'blob', digest: diffId, size, exists: written.has(diffId) });
      if (written.has(diffId)) continue;
      written.add(diffId);
      await tar.blob(`${hexOf(diffId)}.tar`, size, content());
      onProgress({ type: 'blob-done', digest: diffId });
    }
    onProgress({ type: 'config', digest: parts.configDigest, size: parts.config.length });
    tar.file(`${parts.record.id}.json`, parts.config);
    onProgress({ type: 'manifest' });
  }
  tar.file('manifest.json', Buffer.from(JSON.stringify(images.map(item))));
  tar.file('repositories', Buffer.from(JSON.stringify(repositories(images))));
  tar.end();
}

function item({ parts, tags }: NamedParts) {
  return {
    Config: `${parts.record.id}.json`,
    RepoTags: tags.length > 0 ? tags : null,
    Layers: parts.layers.map(({ diffId }) => `${hexOf(diffId)}.tar`),
  };
}

/** The file that Docker before 1.10 read: repository to tag to top layer. */
function repositories(images: NamedParts[]): Record<string, Record<string, string>> {
  const all: Record<string, Record<string, string>> = {};
  for (const { parts, tags } of images) {
    const top = parts.layers.at(-1);
    for (const name of tags) {
      const colon = name.lastIndexOf(':');
      const repository = name.slice(0, colon);
      all[repository] = { ...all[repository], [name.slice(colon + 1)]: top ? hexOf(top.diffId) : '' };
    }
  }
  return all;
}
