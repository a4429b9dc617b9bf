/** Removes a container from the store: its folders, its record and its writable layer. */
import type { LayerSession } from './layer-session.ts';
import type { ContainerRecord } from './records.ts';
import type { StoreParts } from './store-parts.ts';
import { removeTree } from './temp-dir.ts';

/**
 * Idempotent: a container that is not there, or only half, is fine. The files go before the record, so that whatever
 * interrupts this, the container can still be seen and removed again.
 */
export function deleteContainer(parts: StoreParts, id: string): void {
  const record = parts.containers.get(id);
  if (record?.layer) parts.mounts.drop(record.layer, true);
  removeTree(`${parts.homes.own.containerDir}/${id}`);
  removeTree(`${parts.homes.own.containerRunDir}/${id}`);
  if (record) removeRecords(parts, [record]);
}

/** Takes records and writable layers of containers away in one pass. */
export function removeRecords(parts: StoreParts, records: ContainerRecord[]): void {
  const layers = records.map((record) => record.layer).filter((layer) => layer !== '');
  const remove = (session: LayerSession): void => {
    const known = new Set(session.volatile().map((layer) => layer.id));
    const permanent = layers.filter((id) => !known.has(id));
    if (permanent.length > 0) session.announceDelete(permanent);
    parts.containers.update((containers) => containers.remove(records.map((record) => record.id)));
    if (permanent.length > 0) session.finishDelete(permanent);
    session.abandon(layers.filter((id) => known.has(id)));
  };
  parts.layers.update(remove, { inBackground: true });
}
