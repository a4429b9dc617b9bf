/** The filter `reference=PATTERN`: a name, or a pattern of Go's path.Match over the parts of a name. */
import type { ImageRecord } from '../storage/records.ts';
import type { ImageContext } from './context.ts';
import { findImage } from './lookup.ts';
import { repositoryOfName } from './names.ts';

export function matchesReference(context: ImageContext, image: ImageRecord, pattern: string): boolean {
  if (isImage(context, image, pattern)) return true;
  const expression = globExpression(pattern);
  return (
    expression !== null && (image.names ?? []).some((name) => spellings(name).some((text) => expression.test(text)))
  );
}

function isImage(context: ImageContext, image: ImageRecord, name: string): boolean {
  try {
    return findImage(context, name)?.record.id === image.id;
  } catch {
    return false; // An ambiguous prefix is a pattern that fits nothing.
  }
}

/** The full name, without its host, and its last component; each with and without the tag or digest. */
function spellings(name: string): string[] {
  const repository = repositoryOfName(name);
  const suffix = name.slice(repository.length);
  const path = repository.slice(repository.indexOf('/') + 1);
  const last = repository.slice(repository.lastIndexOf('/') + 1);
  return [repository, path, last].flatMap((text) => [text + suffix, text]);
}

/** Null for a pattern that path.Match would refuse. */
function globExpression(pattern: string): RegExp | null {
  let source = '';
  for (const [piece] of pattern.matchAll(/\\.|\[[^\]]*\]|[\s\S]/g)) {
    if (piece === '*') source += '[^/]*';
    else if (piece === '?') source += '[^/]';
    else if (piece.length > 1 && piece.startsWith('[')) source += piece.replace(/^\[[!^]/, '[^');
    else source += (piece.length > 1 ? piece.slice(1) : piece).replace(/[$()*+.?[\\\]^{|}/]/g, '\\$&');
  }
  try {
    return new RegExp(`^${source}$`);
  } catch {
    return null;
  }
}
