/**
 * Names of images: `[DOMAIN/]PATH[:TAG][@DIGEST]`, the grammar of distribution's `reference` package
 * (https://github.com/distribution/reference) and the three ways in which Podman completes a name.
 */
import { TspodError } from '../errors.ts';
import { type Digest, isDigest } from '../oci/digest.ts';

export interface Reference {
  /** Host with an optional port, for example `docker.io` or `localhost:5000`; '' in a short name. */
  domain: string;
  /** Repository without the host, for example `library/nginx`. */
  path: string;
  /** '' when the name has none. */
  tag: string;
  /** '' when the name has none. */
  digest: Digest | '';
}

const domainName = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const host = `(?:${domainName}(?:\\.${domainName})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const pattern = new RegExp(
  `^(?:(${host})/)?(${component}(?:/${component})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,}))?$`,
);

/**
 * Parses a name as it is written: `a/b` has the domain `a`, as in the grammar; `isShort` tells whether that is a host.
 *
 * @throws TspodError BAD_ARGUMENT with Podman's words
 */
export function parseReference(text: string): Reference {
  const match = pattern.exec(text);
  if (!match) throw invalid(text, reasonFor(text));
  const [, domain = '', path = '', tag = '', digest = ''] = match;
  if (domain.length + path.length + 1 > 255)
    throw invalid(text, 'repository name must not be more than 255 characters');
  if (digest !== '' && !isDigest(digest)) throw invalid(text, 'invalid reference format');
  return { domain, path, tag, digest: isDigest(digest) ? digest : '' };
}

/** True when the first component is no host: `nginx`, `library/nginx`. */
export function isShort(reference: Reference): boolean {
  return !isHost(reference.domain);
}

/** Docker's completion: a name without a host belongs to docker.io, and one component there to `library/`. */
export function parseDocker(text: string): Reference {
  const parsed = parseReference(text);
  if (isHost(parsed.domain)) return canonicalDomain(parsed);
  const path = parsed.domain === '' ? parsed.path : `${parsed.domain}/${parsed.path}`;
  return canonicalDomain({ ...parsed, domain: 'docker.io', path });
}

/** Podman's completion for names that are given to an image: a short name becomes `localhost/NAME`, no tag `latest`. */
export function parseLocal(text: string): Reference {
  const parsed = parseReference(text);
  if (isHost(parsed.domain)) return withDefaultTag(canonicalDomain(parsed));
  const path = parsed.domain === '' ? parsed.path : `${parsed.domain}/${parsed.path}`;
  return withDefaultTag({ ...parsed, domain: 'localhost', path });
}

/** Adds `latest` to a name with neither tag nor digest; drops the tag of a name with both, as Docker does. */
export function withDefaultTag(reference: Reference): Reference {
  if (reference.digest !== '') return { ...reference, tag: '' };
  return reference.tag === '' ? { ...reference, tag: 'latest' } : reference;
}

/** `DOMAIN/PATH` without tag and digest. */
export function repositoryOf(reference: Reference): string {
  return reference.domain === '' ? reference.path : `${reference.domain}/${reference.path}`;
}

/** The full text of a reference: what is stored as an image's name. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === '' ? '' : `:${reference.tag}`;
  const digest = reference.digest === '' ? '' : `@${reference.digest}`;
  return repositoryOf(reference) + tag + digest;
}

function canonicalDomain(reference: Reference): Reference {
  if (reference.domain !== 'docker.io' && reference.domain !== 'index.docker.io') return reference;
  const path = reference.path.includes('/') ? reference.path : `library/${reference.path}`;
  return { ...reference, domain: 'docker.io', path };
}

function isHost(domain: string): boolean {
  return domain === 'localhost' || /[.:]/.test(domain);
}

function reasonFor(text: string): string {
  if (text === '') return 'repository name must have at least one component';
  if (pattern.test(text.toLowerCase())) return 'repository name must be lowercase';
  return 'invalid reference format';
}

function invalid(text: string, reason: string): TspodError {
  return new TspodError('BAD_ARGUMENT', `parsing reference "${text}": ${reason}`);
}
