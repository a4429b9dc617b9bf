/** The YAML file of `image sync --src yaml`: registries, and which of their images are wanted. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { messageOf, TspodError } from '../../errors.ts';
import { isDigest } from '../../oci/digest.ts';
import { parseDocker, type Reference } from '../../registry/reference.ts';
import type { ImageContext } from '../context.ts';
import type { SourceOptions } from '../transport/transport.ts';
import { imagesOf, type SyncImage, type SyncSource, syncImage } from './sources.ts';

type Wanted = (tag: string) => boolean;
type Json = Record<string, unknown>;
type Warn = (message: string) => void;

/** @throws TspodError BAD_CONFIG for the file as a whole; what is wrong in a part of it is told, and left out */
export async function yamlSources(
  context: ImageContext,
  file: string,
  options: SourceOptions,
  warn: Warn,
): Promise<SyncSource[]> {
  const sources: SyncSource[] = [];
  for (const [registry, value] of Object.entries(objectOf(readYaml(file), file))) {
    const settings = objectOf(value ?? {}, `${file}: ${registry}`);
    const own = { ...options, ...optionsOf(settings) };
    const found = await registrySources(context, { registry, settings }, own, warn);
    if (found.length === 0) warn(`no images specified or found for registry ${registry}`);
    for (const images of found) sources.push({ images, options: own });
  }
  return sources;
}

async function registrySources(
  context: ImageContext,
  { registry, settings }: { registry: string; settings: Json },
  options: SourceOptions,
  warn: Warn,
): Promise<SyncImage[][]> {
  const found: SyncImage[][] = [];
  const attempt = async (name: string, list: (repository: Reference) => Promise<SyncImage[]>) => {
    try {
      const repository = parseDocker(`${registry}/${name}`);
      if (repository.tag !== '' || repository.digest !== '') throw new Error('it names an image, not a repository');
      const images = await list(repository);
      if (images.length > 0) found.push(images);
      else warn(`${registry}/${name}: no refs to sync found`);
    } catch (error) {
      warn(`${registry}/${name}: skipped: ${messageOf(error)}`);
    }
  };
  const tagged = async (repository: Reference, wanted: Wanted) =>
    (await imagesOf(context, repository, options)).filter(({ name }) => wanted(name.reference?.tag ?? ''));
  for (const [name, refs] of entriesOf(settings['images'])) {
    await attempt(name, (repository) => {
      const list = Array.isArray(refs) ? refs.map(String) : [];
      return list.length > 0 ? named(repository, list) : imagesOf(context, repository, options);
    });
  }
  for (const [name, pattern] of entriesOf(settings['images-by-tag-regex'])) {
    await attempt(name, async (repository) => tagged(repository, byPattern(String(pattern))));
  }
  for (const [name, range] of entriesOf(settings['images-by-semver'])) {
    await attempt(name, async (repository) => tagged(repository, await bySemver(String(range))));
  }
  return found;
}

async function named(repository: Reference, refs: string[]): Promise<SyncImage[]> {
  return refs.map((ref) => {
    if (isDigest(ref)) return syncImage({ ...repository, digest: ref });
    if (!/^\w[\w.-]{0,127}$/.test(ref)) throw new Error(`"${ref}" is neither a tag nor a digest`);
    return syncImage({ ...repository, tag: ref });
  });
}

function byPattern(pattern: string): Wanted {
  const expression = new RegExp(pattern);
  return (tag) => expression.test(tag);
}

/** Ranges as the library of the same name has them; `,` means "and", as in Go's library, and `v1` and `1.2` are versions. */
async function bySemver(range: string): Promise<Wanted> {
  const { default: semver } = await import('semver');
  const parsed = semver.validRange(range.replaceAll(',', ' '));
  if (parsed === null) throw new Error(`"${range}" is no range of versions`);
  return (tag) => {
    const isVersion = /^v?\d+(\.\d+){0,2}([-+].*)?$/.test(tag);
    const version = isVersion ? (semver.parse(tag.replace(/^v/, '')) ?? semver.coerce(tag)) : null;
    return version !== null && semver.satisfies(version, parsed);
  };
}

function optionsOf(settings: Json): Partial<SourceOptions> {
  const { username, password } = objectOf(settings['credentials'] ?? {}, 'credentials') as Record<string, string>;
  const [certDir, verify] = [settings['cert-dir'], settings['tls-verify']];
  return {
    ...(username ? { credentials: { username: String(username), password: String(password ?? '') } } : {}),
    ...(typeof certDir === 'string' ? { certDir } : {}),
    ...(typeof verify === 'boolean' ? { tlsVerify: verify } : {}),
  };
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, 'utf8')) as unknown;
  } catch (cause) {
    throw new TspodError('BAD_CONFIG', `reading "${file}": ${messageOf(cause).split('\n')[0]}`, { cause });
  }
}

function entriesOf(value: unknown): [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function objectOf(value: unknown, where: string): Json {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  throw new TspodError('BAD_CONFIG', `${where}: a mapping is expected`);
}
