/** Names of users and groups, in the container and on the host, and the container's id mappings. */
import { readFileSync, readlinkSync } from 'node:fs';
import type { IdMapping } from '../oci/runtime-spec.ts';
import { readFileInRoot } from '../system/safe-path.ts';
import { machineId, ownIdMaps } from '../system/userns.ts';

/** Passwd and group files of a container are hostile: larger ones are not read. */
const maxBytes = 4 * 1024 * 1024;

export type Lookup = (hostId: string) => string;

export interface Identity {
  /** Host uid to the id it has in the container, and to the name there (the id when it has none). */
  uid: Lookup;
  user: Lookup;
  gid: Lookup;
  group: Lookup;
  hostUser: Lookup;
  hostGroup: Lookup;
}

/** `init` is the host pid of the container's first process. */
export function identityOf(init: number): Identity {
  const shared = namespaceOf(init) === namespaceOf('self');
  const uid = shared ? itself : mapping(`/proc/${init}/uid_map`);
  const gid = shared ? itself : mapping(`/proc/${init}/gid_map`);
  const maps = ownIdMaps();
  const inside = (file: string) => once(() => names(insideText(init, file)));
  const host = (file: string) => once(() => names(readText(file)));
  const [users, groups, hostUsers, hostGroups] = [
    inside('/etc/passwd'),
    inside('/etc/group'),
    host('/etc/passwd'),
    host('/etc/group'),
  ];
  return {
    uid,
    gid,
    user: (id) => users().get(uid(id)) ?? uid(id),
    group: (id) => groups().get(gid(id)) ?? gid(id),
    hostUser: named(hostUsers, maps?.uids),
    hostGroup: named(hostGroups, maps?.gids),
  };
}

const itself: Lookup = (id) => id;

/** What the kernel tells in a user namespace are ids of that; the machine's names are for its own. */
function named(known: () => Map<string, string>, map: readonly IdMapping[] | undefined): Lookup {
  return (id) => {
    const machine = String(machineId(map, Number(id)));
    return known().get(machine) ?? machine;
  };
}

function namespaceOf(pid: number | 'self'): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/user`);
  } catch {
    return '';
  }
}

/** Ids that the namespace does not have are the overflow id. */
function mapping(path: string): Lookup {
  const ranges = readText(path)
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  return (hostId) => {
    for (const [inside = 0, outside = 0, size = 0] of ranges) {
      const offset = Number(hostId) - outside;
      if (offset >= 0 && offset < size) return String(inside + offset);
    }
    return '65534';
  };
}

function names(text: string): Map<string, string> {
  const rows = text.split('\n').map((line) => line.split(':'));
  // The first entry of an id counts.
  return new Map(rows.flatMap(([name = '', , id]) => (id === undefined ? [] : [[id, name] as const])).reverse());
}

function insideText(init: number, path: string): string {
  try {
    return readFileInRoot(`/proc/${init}/root`, path, maxBytes) ?? '';
  } catch {
    return '';
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
