/** What the store knows of ids, for `--userns=auto`. */
import type { IdMaps } from '../system/userns.ts';
import type { RuntimeContext } from './context.ts';

export interface IdSource {
  /** Maps of all containers, whoever made them. */
  used(): IdMaps[];
  /** The largest owner of a file of the image; 0 when unknown. */
  largest(imageId: string): number;
}

export function idSource(rt: Pick<RuntimeContext, 'store'>): IdSource {
  return {
    used: () =>
      rt.store
        .containers()
        .map(({ uidmap = [], gidmap = [] }) => ({ uids: uidmap.map(toOci), gids: gidmap.map(toOci) })),
    largest: (imageId) => largestOwner(rt, imageId),
  };
}

function toOci(map: { container_id: number; host_id: number; size: number }) {
  return { containerID: map.container_id, hostID: map.host_id, size: map.size };
}

function largestOwner({ store }: Pick<RuntimeContext, 'store'>, imageId: string): number {
  let largest = 0;
  let id = store.imageById(imageId)?.layer;
  while (id) {
    const layer = store.hasLayer(id);
    largest = Math.max(largest, ...(layer?.uidset ?? []), ...(layer?.gidset ?? []));
    id = layer?.parent;
  }
  return largest;
}
