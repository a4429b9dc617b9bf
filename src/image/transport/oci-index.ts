/** The index.json of an OCI layout: which of its images a name means (OCI image layout 1.1). */
import { TspodError } from '../../errors.ts';
import type { Descriptor, Index } from '../../oci/image-spec.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import { manifestLimit, parseManifest } from '../../registry/manifest.ts';
import { type Archive, readEntry } from '../archive/archive.ts';

/** What follows a layout's path: a name, `@N` for the N-th image, or nothing for the only one. */
export type LayoutImage = { name: string } | { position: number };

export const layoutFile = Buffer.from('{"imageLayoutVersion":"1.0.0"}');

const nameKey = 'org.opencontainers.image.ref.name';

/** `PATH[:NAME|:@N]`; a path has no colon. @throws TspodError BAD_ARGUMENT */
export function parseLayoutName(transport: string, rest: string): { path: string; image: LayoutImage } {
  const colon = rest.indexOf(':');
  const [path, name] = colon < 0 ? [rest, ''] : [rest.slice(0, colon), rest.slice(colon + 1)];
  if (path === '') throw new TspodError('BAD_ARGUMENT', `invalid image name "${transport}:${rest}": no path`);
  const position = /^@(\d{1,9})$/.exec(name)?.[1];
  if (position !== undefined) return { path, image: { position: Number(position) } };
  const valid =
    name === '' || /^[A-Za-z0-9]+(?:[-._:@+]+[A-Za-z0-9]+)*(?:\/[A-Za-z0-9]+(?:[-._:@+]+[A-Za-z0-9]+)*)*$/.test(name);
  if (!valid) throw new TspodError('BAD_ARGUMENT', `invalid image "${name}" in "${transport}:${rest}"`);
  return { path, image: { name } };
}

/** @throws TspodError CORRUPT_BLOB */
export async function readIndex(archive: Archive): Promise<Index> {
  const parsed = parseManifest(await readEntry(archive, 'index.json', manifestLimit), mediaTypes.ociIndex);
  if (parsed.kind !== 'index') throw new TspodError('CORRUPT_BLOB', 'index.json is no image index');
  return parsed.index;
}

/** @throws TspodError NO_SUCH_IMAGE, BAD_ARGUMENT when there are several to choose from */
export function chooseImage({ manifests }: Index, image: LayoutImage, where: string): Descriptor {
  if ('position' in image) {
    const chosen = manifests[image.position];
    if (chosen) return chosen;
    throw new TspodError(
      'NO_SUCH_IMAGE',
      `${where}: index ${image.position} is too large, only ${manifests.length} entries`,
    );
  }
  if (image.name === '') {
    const [only] = manifests;
    if (only && manifests.length === 1) return only;
    if (!only) throw new TspodError('NO_SUCH_IMAGE', `${where}: no image found`);
    throw new TspodError(
      'BAD_ARGUMENT',
      `${where}: more than one image, choose one by its name: ${namesOf(manifests)}`,
    );
  }
  const named = manifests.find(({ annotations }) => annotations?.[nameKey] === image.name);
  if (named) return named;
  throw new TspodError('NO_SUCH_IMAGE', `no descriptor found for reference "${image.name}" in ${where}`);
}

/** The index with one image added; it takes its name from another that had it. */
export function withImage(index: Index, added: Descriptor, name: string): Index {
  const entry = name === '' ? added : { ...added, annotations: { [nameKey]: name } };
  const others = index.manifests.filter(({ digest, annotations }) => {
    const other = annotations?.[nameKey] ?? '';
    return name === '' ? !(digest === added.digest && other === '') : other !== name;
  });
  return { ...index, manifests: [...others, entry] };
}

/** The index without an image. */
export function withoutImage(index: Index, image: Descriptor): Index {
  return { ...index, manifests: index.manifests.filter((entry) => entry !== image) };
}

function namesOf(manifests: Descriptor[]): string {
  const names = manifests.map(({ annotations }, position) => annotations?.[nameKey] ?? `@${position}`);
  return names.slice(0, 10).join(', ') + (names.length > 10 ? ', ...' : '');
}
