/** What an image is called: tags, digests, and what `images` shows of them. */
import type { Digest } from '../oci/digest.ts';
import type { ImageRecord } from '../storage/records.ts';

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

/** The repository of a stored name. */
export function repositoryOfName(name: string): string {
  return name.replace(/@sha256:[0-9a-f]+$/, '').replace(/:[^/:]+$/, '');
}

/** Every manifest digest that an image is known by, sorted. */
export function manifestDigests(record: ImageRecord): Digest[] {
  const items = (record['big-data-names'] ?? []).filter((name) => name.startsWith('manifest-sha256:'));
  const digests = items.map((name) => name.slice('manifest-'.length) as Digest);
  if (record.digest) digests.push(record.digest);
  return [...new Set(digests)].sort();
}
