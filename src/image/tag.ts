/** Names are given to images and taken from them. */
import { TspodError } from '../errors.ts';
import { formatReference, parseLocal } from '../registry/reference.ts';
import { type ImageContext, imageEvent } from './context.ts';
import { requireRecord } from './lookup.ts';

/** Adds names; other images lose them. @throws TspodError NO_SUCH_IMAGE, BAD_ARGUMENT */
export function tagImage(context: ImageContext, nameOrId: string, tags: readonly string[]): void {
  const { id } = requireRecord(context, nameOrId).record;
  for (const tag of tags) {
    context.store.addImageName(id, tagName(tag));
    imageEvent(context, 'tag', id, tag);
  }
}

/** Removes names; all of them when none is given. @throws TspodError NO_SUCH_IMAGE, BAD_ARGUMENT */
export function untagImage(context: ImageContext, nameOrId: string, tags: readonly string[]): void {
  const { id, names = [] } = requireRecord(context, nameOrId).record;
  for (const tag of tags.length > 0 ? tags : names) removeName(context, id, tag);
}

/** Takes one name from an image. @throws TspodError BAD_ARGUMENT "tag not known" */
export function removeName(context: ImageContext, id: string, tag: string): void {
  if (tag.startsWith('sha256:')) throw new TspodError('BAD_ARGUMENT', `${tag}: untag by digest not supported`);
  const name = formatReference(parseLocal(tag));
  const { store } = context;
  if (!store.imageById(id)?.names?.includes(name)) throw new TspodError('BAD_ARGUMENT', `${name}: tag not known`);
  store.removeImageName(id, name);
  imageEvent(context, 'untag', id, name);
}

function tagName(tag: string): string {
  const reference = parseLocal(tag);
  if (reference.digest !== '' || tag.startsWith('sha256:')) {
    throw new TspodError('BAD_ARGUMENT', `${tag}: tag by digest not supported`);
  }
  return formatReference(reference);
}
