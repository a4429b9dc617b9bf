/** What an image is called: tags, digests, and what `images` shows of them. */
import type { ImageRecord } from '../storage/records.ts';
import { manifestDigests } from './known-image.ts';
import { repositoryOfName } from './lookup.ts';

/** Names with a tag, in the order of the record. */
export function repoTags(record: ImageRecord): string[] {
  return (record.names ?? []).filter((name) => !name.includes('@'));
}

/** Every repository of the image with every digest of it, sorted. */
export function repoDigests(record: ImageRecord): string[] {
  const digests = manifestDigests(record);
  const repositories = (record.names ?? []).map(repositoryOfName);
  const all = repositories.flatMap((repository) => digests.map((digest) => `${repository}@${digest}`));
  return [...new Set(all)].sort();
}

/** A name as repository and tag; `<none>` for what it lacks. */
export function splitName(name: string): { repository: string; tag: string } {
  const repository = repositoryOfName(name);
  const rest = name.slice(repository.length);
  return { repository, tag: rest.startsWith(':') ? rest.slice(1) : '<none>' };
}
