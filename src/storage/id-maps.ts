/** Id maps in the store's records, with the names of its JSON. */
import type { IdMapping } from '../oci/runtime-spec.ts';
import type { IdMaps } from '../system/userns.ts';
import type { IdMap } from './records.ts';

export function recordMaps(maps: IdMaps | undefined): { uidmap?: IdMap[]; gidmap?: IdMap[] } {
  return maps ? { uidmap: maps.uids.map(toRecord), gidmap: maps.gids.map(toRecord) } : {};
}

function toRecord({ containerID, hostID, size }: IdMapping): IdMap {
  return { container_id: containerID, host_id: hostID, size };
}

/** The container's id for one of the engine's; the same when there is no map or it is not in it. */
export function insideId(map: readonly IdMap[] | undefined, id: number): number {
  const part = map?.find(({ host_id, size }) => id >= host_id && id < host_id + size);
  return part ? part.container_id + id - part.host_id : id;
}
