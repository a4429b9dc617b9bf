/** Which name in a signature is accepted for an image: `signedIdentity` of containers-policy.json(5). */
import { TspodError } from '../../errors.ts';
import {
  formatReference,
  parseDocker,
  parseReference,
  type Reference,
  repositoryOf,
} from '../../registry/reference.ts';
import { exactKeys, isObject } from './strict-json.ts';

export type Identity =
  | { type: 'matchExact' | 'matchRepoDigestOrExact' | 'matchRepository' }
  | { type: 'exactReference'; reference: Reference }
  | { type: 'exactRepository'; repository: string }
  | { type: 'remapIdentity'; prefix: string; signedPrefix: string };

/** @throws TspodError BAD_CONFIG, CORRUPT_BLOB */
export function parseIdentity(value: unknown): Identity {
  if (value === undefined) return { type: 'matchRepoDigestOrExact' };
  const type = isObject(value) ? value['type'] : undefined;
  switch (type) {
    case 'matchExact':
    case 'matchRepoDigestOrExact':
    case 'matchRepository':
      exactKeys(value, ['type'], 'signedIdentity');
      return { type };
    case 'exactReference':
      return exactReference(text(exactKeys(value, ['type', 'dockerReference'], type), 'dockerReference'));
    case 'exactRepository': {
      const { dockerRepository } = exactKeys(value, ['type', 'dockerRepository'], type);
      return { type, repository: repositoryOf(parsed(String(dockerRepository), 'dockerRepository')) };
    }
    case 'remapIdentity': {
      const fields = exactKeys(value, ['type', 'prefix', 'signedPrefix'], type);
      return { type, prefix: prefixIn(fields, 'prefix'), signedPrefix: prefixIn(fields, 'signedPrefix') };
    }
    default:
      throw bad(`Unknown policy reference match type ${JSON.stringify(type ?? '')}`);
  }
}

/**
 * Whether a name in a signature will do for an image.
 *
 * @param image the image's own full name; null for an image that has none (an archive, a folder)
 * @param signed as it stands in the payload
 */
export function identityMatches(identity: Identity, image: Reference | null, signed: string): boolean {
  const name = quietly(() => parseDocker(signed));
  if (!name) return false;
  switch (identity.type) {
    case 'exactReference':
      return sameName(identity.reference, name);
    case 'exactRepository':
      return identity.repository === repositoryOf(name);
    case 'matchExact':
      return image !== null && sameName(image, name);
    case 'matchRepository':
      return image !== null && repositoryOf(image) === repositoryOf(name);
    case 'matchRepoDigestOrExact':
      return image !== null && repoDigestOrExact(image, name);
    case 'remapIdentity': {
      const remapped = image && quietly(() => remap(image, identity));
      return remapped !== null && repoDigestOrExact(remapped, name);
    }
  }
}

function sameName(wanted: Reference, signed: Reference): boolean {
  return !isNameOnly(wanted) && !isNameOnly(signed) && formatReference(wanted) === formatReference(signed);
}

/** An image that is asked for by its digest may be signed under any tag of its repository. */
function repoDigestOrExact(image: Reference, signed: Reference): boolean {
  if (isNameOnly(signed) || isNameOnly(image)) return false;
  if (image.tag !== '') return formatReference(image) === formatReference(signed);
  return repositoryOf(image) === repositoryOf(signed);
}

function remap(image: Reference, { prefix, signedPrefix }: { prefix: string; signedPrefix: string }): Reference {
  const repository = repositoryOf(image);
  if (repository !== prefix && !repository.startsWith(`${prefix}/`)) return image;
  const renamed = signedPrefix + formatReference(image).slice(prefix.length);
  const reference = parseDocker(renamed);
  if (formatReference(reference) !== renamed) throw bad(`"${renamed}" is no full name`);
  return reference;
}

function isNameOnly({ tag, digest }: Reference): boolean {
  return tag === '' && digest === '';
}

function exactReference(name: string): Identity {
  const reference = parsed(name, 'dockerReference');
  if (isNameOnly(reference)) throw bad(`dockerReference "${name}" contains neither a tag nor digest`);
  return { type: 'exactReference', reference };
}

function parsed(name: string, key: string): Reference {
  const reference = quietly(() => parseDocker(name));
  if (!reference) throw bad(`Invalid format of ${key} ${JSON.stringify(name)}`);
  return reference;
}

const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const hostAlone = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);

/** A host, or a host and the beginning of a repository. */
function prefixIn(fields: Record<string, unknown>, key: string): string {
  const prefix = text(fields, key);
  const name = quietly(() => parseReference(prefix));
  if (hostAlone.test(prefix) || (name && name.domain !== '' && isNameOnly(name))) return prefix;
  throw bad(`prefix ${JSON.stringify(prefix)} is not valid`);
}

function text(fields: Record<string, unknown>, key: string): string {
  const value = fields[key];
  if (typeof value === 'string') return value;
  throw bad(`${key} is no text`);
}

function quietly<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch {
    return null;
  }
}

function bad(reason: string): TspodError {
  return new TspodError('BAD_CONFIG', reason);
}
