/** Finding an image in the store by what a user calls it. */
import { loadRegistriesConf } from '../config/registries-conf.ts';
import { TspodError } from '../errors.ts';
import { isDigest } from '../oci/digest.ts';
import {
  formatReference,
  isShort,
  parseDocker,
  parseLocal,
  parseReference,
  type Reference,
  repositoryOf,
  withDefaultTag,
} from '../registry/reference.ts';
import type { ImageRecord } from '../storage/records.ts';
import type { Store } from '../storage/store.ts';
import type { ImageContext, ResolvedImage } from './context.ts';
import { instanceOf } from './manifest-list/instance.ts';
import { repositoryOfName } from './names.ts';
import { shortNameCandidates } from './short-names.ts';

export interface FoundImage {
  record: ImageRecord;
  name: string;
}

/** The image that a name, an id, a prefix of an id or a digest means, with its configuration; null if there is none. */
export function resolveImage(context: ImageContext, nameOrId: string): ResolvedImage | null {
  const found = findImage(context, nameOrId);
  if (!found) return null;
  const name = found.name;
  const record = instanceOf(context.store, found.record);
  if (!record) return null;
  return { record, name, config: context.store.imageConfig(record), digest: record.digest ?? '' };
}

/** Like resolveImage, without reading the configuration; a manifest list is found as what it is. */
export function findImage({ store, systemContext }: ImageContext, nameOrId: string): FoundImage | null {
  const text = nameOrId.replace(/^(containers-storage:|docker:\/\/)/, '');
  if (isDigest(text)) return found(store.imageById(text.slice('sha256:'.length)), text);
  if (/^[0-9a-f]{64}$/.test(text)) return found(store.imageById(text), text);
  const reference = parseOrNull(text);
  if (!reference) return null;
  if (!isShort(reference)) return byReference(store, parseLocal(text)) ?? byIdPrefix(store, text);
  return (
    byShortName(store, reference, systemContext?.registriesConf) ?? byIdPrefix(store, text) ?? fuzzy(store, reference)
  );
}

/**
 * The image, or for a manifest list the one of its images that fits this machine.
 *
 * @throws TspodError NO_SUCH_IMAGE
 */
export function requireImage(context: ImageContext, nameOrId: string): FoundImage {
  const { record, name } = requireRecord(context, nameOrId);
  const instance = instanceOf(context.store, record);
  if (instance) return { record: instance, name };
  throw new TspodError(
    'NO_SUCH_IMAGE',
    `${nameOrId}: no image of manifest list ${record.id} for this machine is known`,
  );
}

/**
 * Like findImage, but a missing image is an error.
 *
 * @throws TspodError NO_SUCH_IMAGE
 */
export function requireRecord(context: ImageContext, nameOrId: string): FoundImage {
  const image = findImage(context, nameOrId);
  if (!image) throw new TspodError('NO_SUCH_IMAGE', `${nameOrId}: image not known`);
  return image;
}

function byShortName(store: Store, reference: Reference, conf?: string): FoundImage | null {
  const same = fuzzyNames(store, reference);
  // One name that ends like this: whatever registries.conf says, the answer is that one. Saves reading it.
  const [only] = same;
  if (only !== undefined && same.length === 1) return found(store.imageByName(only), only);
  const { candidates, isAlias } = shortNameCandidates(loadRegistriesConf(conf), reference);
  const local = parseLocal(formatReference(reference));
  const ordered = isAlias ? [...candidates, local] : [local, ...candidates];
  for (const candidate of [...ordered, dockerName(reference)]) {
    const image = byReference(store, withDefaultTag(candidate));
    if (image) return image;
  }
  return null;
}

function byReference(store: Store, reference: Reference): FoundImage | null {
  const name = formatReference(reference);
  const named = store.imageByName(name);
  if (named || reference.digest === '') return found(named, name);
  const repository = repositoryOf(reference);
  const sameRepository = (image: ImageRecord) =>
    (image.names ?? []).some((other) => repositoryOfName(other) === repository);
  return found(store.imagesByDigest(reference.digest).find(sameRepository) ?? null, name);
}

function byIdPrefix(store: Store, text: string): FoundImage | null {
  return /^[0-9a-f]+$/.test(text) ? found(store.imageById(text), text) : null;
}

/** Podman's last resort: any image whose repository ends with `/NAME` and has the tag. */
function fuzzy(store: Store, reference: Reference): FoundImage | null {
  for (const name of fuzzyNames(store, reference)) {
    const record = store.imageByName(name);
    if (record) return { record, name };
  }
  return null;
}

function fuzzyNames(store: Store, reference: Reference): string[] {
  if (reference.digest !== '') return fuzzyDigestNames(store, reference);
  const wanted = `/${formatReference(withDefaultTag(reference))}`;
  return store.images().flatMap((image) => (image.names ?? []).filter((name) => name.endsWith(wanted)));
}

function fuzzyDigestNames(store: Store, reference: Reference): string[] {
  if (reference.digest === '') return [];
  const wanted = `/${repositoryOf(reference)}`;
  const names = store.imagesByDigest(reference.digest).flatMap((image) => image.names ?? []);
  return names.filter((name) => repositoryOfName(name).endsWith(wanted)).slice(0, 1);
}

function dockerName(reference: Reference): Reference {
  return parseDocker(formatReference(reference));
}

function parseOrNull(text: string): Reference | null {
  try {
    return parseReference(text);
  } catch {
    return null;
  }
}

function found(record: ImageRecord | null | undefined, name: string): FoundImage | null {
  return record ? { record, name } : null;
}
