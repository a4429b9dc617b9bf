/** The image of a folder that skopeo and `save --format docker-dir` write: manifest.json and blobs by their hex. */
import { TspodError } from '../../errors.ts';
import { hexOf } from '../../oci/digest.ts';
import { digestOf, manifestLimit, parseManifest } from '../../registry/manifest.ts';
import { type Archive, readEntry } from './archive.ts';
import type { ArchivedImage } from './oci-layout.ts';

const configLimit = 8 * 1024 * 1024;

/** @throws TspodError CORRUPT_BLOB */
export async function readDirLayout(archive: Archive): Promise<ArchivedImage[]> {
  const bytes = await readEntry(archive, 'manifest.json', manifestLimit);
  const parsed = parseManifest(bytes);
  if (parsed.kind !== 'manifest') throw new TspodError('UNSUPPORTED', 'folders with an image index are not supported');
  const { manifest } = parsed;
  const config = async () => {
    const data = await readEntry(archive, hexOf(manifest.config.digest), configLimit);
    if (digestOf(data) === manifest.config.digest) return data;
    throw new TspodError('CORRUPT_BLOB', `config blob does not have the digest ${manifest.config.digest}`);
  };
  const layer = ({ digest }: (typeof manifest.layers)[number]) => archive.stream(hexOf(digest));
  return [{ names: [], source: { manifest: { bytes, digest: digestOf(bytes), manifest }, config, layer } }];
}
