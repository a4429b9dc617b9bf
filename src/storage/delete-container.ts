/** Removes a container from the store: its folders, its record and its writable layer. */
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
  const wanted = new Set(records.map((record) => record.layer).filter((layer) => layer !== ''));
  parts.layers.update((session) => {
    const volatile = session.volatile().some((layer) => wanted.has(layer.id));
    const permanent = needsPermanent(
      wanted,
      session.volatile().map((layer) => layer.id),
    );
    const ids = [...wanted];
    if (volatile || permanent) session.announceDelete(ids);
    parts.containers.update((containers) => containers.remove(records.map((record) => record.id)));
    if (volatile || permanent) session.finishDelete(ids, permanent);
  });
}

/** layers.json is read and written only if one of the layers can be in there. */
function needsPermanent(wanted: Set<string>, volatileIds: string[]): boolean {
  const known = new Set(volatileIds);
  return [...wanted].some((id) => !known.has(id));
}
