import { check, native } from './native.ts';
import type { IdMaps } from './userns.ts';

/**
 * Gives every file of a tree to the ids that its owner and group have in a user namespace. Set-id bits and
 * capabilities stay; names of one file stay one file. EOVERFLOW for an owner that has no id there.
 */
export function chownTree(root: string, { uids, gids }: IdMaps): void {
  const flat = (maps: IdMaps['uids']) => maps.flatMap(({ containerID, hostID, size }) => [containerID, hostID, size]);
  check(native().chownTree(root, flat(uids), flat(gids)), 'lchown', root);
}
