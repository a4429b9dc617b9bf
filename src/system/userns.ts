import { readFileSync } from 'node:fs';
import type { IdMapping } from '../oci/runtime-spec.ts';

export interface IdMaps {
  uids: IdMapping[];
  gids: IdMapping[];
}

let answer: boolean | undefined;

/** True if this process does not see all user ids of the host: it is root, if at all, only in a user namespace. */
export function inUserNamespace(): boolean {
  answer ??= !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'latin1'));
  return answer;
}

/** The ids of this process's user namespace (or of another's); null in the initial one, which has all. */
export function ownIdMaps(pid: number | 'self' = 'self'): IdMaps | null {
  const [uids, gids] = [readIdMap(pid, 'uid'), readIdMap(pid, 'gid')];
  const everything = uids.length === 1 && uids[0]?.size === 4294967295;
  return everything ? null : { uids, gids };
}

function readIdMap(pid: number | 'self', kind: 'uid' | 'gid'): IdMapping[] {
  const lines = readFileSync(`/proc/${pid}/${kind}_map`, 'latin1').trim().split('\n');
  return lines.filter(Boolean).map((line) => {
    const [containerID = 0, hostID = 0, size = 0] = line.trim().split(/\s+/).map(Number);
    return { containerID, hostID, size };
  });
}

/** What is outside of a map for an id inside of it; the id itself when there is no map or it is not in it. */
export function machineId(map: readonly IdMapping[] | undefined, id: number): number {
  const part = map?.find(({ containerID, size }) => id >= containerID && id < containerID + size);
  return part ? part.hostID + id - part.containerID : id;
}

/** A user without subordinate ids: the owners of files in images mean nothing. */
export function hasSingleId(): boolean {
  const [only, more] = inUserNamespace() ? (ownIdMaps()?.uids ?? []) : [];
  return only?.size === 1 && more === undefined;
}
