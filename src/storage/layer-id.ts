/** Ids of layers, by the rule that every puller of containers/storage follows: equal content, equal id. */
import { createHash } from 'node:crypto';
import { type Digest, hexOf } from '../oci/digest.ts';

/**
 * The base layer's id is its diff-id; each other's is made from its parent's id and its diff-id.
 * @returns one id for each diff-id, base first
 */
export function layerIds(diffIds: Digest[]): string[] {
  const ids: string[] = [];
  for (const diffId of diffIds) {
    const parent = ids.at(-1);
    ids.push(parent === undefined ? hexOf(diffId) : sha256(`${parent}+${hexOf(diffId)}`));
  }
  return ids;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
