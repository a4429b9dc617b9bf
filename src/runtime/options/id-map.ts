/** --uidmap and --gidmap: `[FLAGS]CONTAINER:[@]HOST[:SIZE]`, with Podman's flags `+`, `u` and `g`. */
import type { IdMapping } from '../../oci/runtime-spec.ts';
import { badArgument } from './bad-argument.ts';

type Kind = 'UID' | 'GID';

/**
 * Reads all triples of one flag. `@HOST` is an id of the machine: what the engine's own namespace calls it is looked up.
 *
 * @param parent the engine's own map; null when it has all ids
 */
export function parseIdMap(triples: readonly string[], kind: Kind, parent: readonly IdMapping[] | null): IdMapping[] {
  const letter = kind === 'UID' ? 'u' : 'g';
  let map: IdMapping[] = [];
  let extended = false;
  for (const triple of triples) {
    const { flags, mappings } = parseTriple(triple, kind, parent);
    if (/[ug]/.test(flags) && !flags.includes(letter)) continue;
    if (flags.includes('+') && !extended && map.length === 0) map = everything(parent);
    extended ||= flags.includes('+');
    for (const mapping of mappings) map = [...(flags.includes('+') ? without(map, mapping) : map), mapping];
  }
  return sortedMap(map);
}

/** The ids of the parent, each as itself: what `+` changes. */
function everything(parent: readonly IdMapping[] | null): IdMapping[] {
  const size = parent ? parent.reduce((sum, part) => sum + part.size, 0) : 2 ** 32 - 1;
  return [{ containerID: 0, hostID: 0, size }];
}

function parseTriple(text: string, kind: Kind, parent: readonly IdMapping[] | null) {
  const [, flags = '', inside = '', at = '', outside = '', size = '1'] =
    /^([+ug]*)(\d+):(@?)(\d+)(?::(\d+))?$/.exec(text) ?? malformed(text, kind);
  const mapping = { containerID: Number(inside), hostID: Number(outside), size: Number(size) };
  if (Object.values(mapping).some((value) => value > 2 ** 32 - 1) || mapping.size === 0) malformed(text, kind);
  return { flags, mappings: at ? fromMachine(mapping, kind, parent) : [mapping] };
}

function fromMachine(mapping: IdMapping, kind: Kind, parent: readonly IdMapping[] | null): IdMapping[] {
  if (!parent) return [mapping];
  const { containerID, hostID, size } = mapping;
  const part = parent.find((known) => hostID >= known.hostID && hostID + size <= known.hostID + known.size);
  if (!part) badArgument(`parent ID ${kind} ${hostID} is not mapped/delegated`);
  return [{ containerID, hostID: part.containerID + hostID - part.hostID, size }];
}

function malformed(text: string, kind: Kind): never {
  return badArgument(
    `initializing ID mappings: ${kind} setting is malformed expected ["[+ug]uint32:[@]uint32[:uint32]"] : ${JSON.stringify(text)}`,
  );
}

/** Cuts out of a map what would clash with `cut`, on either side. */
export function without(map: readonly IdMapping[], cut: IdMapping): IdMapping[] {
  return map.flatMap((part) => {
    const holes = [cut.containerID - part.containerID, cut.hostID - part.hostID]
      .map((start) => [Math.max(0, start), Math.min(part.size, start + cut.size)] as const)
      .filter(([start, end]) => start < end)
      .sort((a, b) => a[0] - b[0]);
    const pieces: IdMapping[] = [];
    let next = 0;
    for (const [start, end] of [...holes, [part.size, part.size] as const]) {
      if (start > next)
        pieces.push({ containerID: part.containerID + next, hostID: part.hostID + next, size: start - next });
      next = Math.max(next, end);
    }
    return pieces;
  });
}

/** In the order of the container's ids, neighbours joined: the kernel takes 340 parts at most. */
export function sortedMap(map: readonly IdMapping[]): IdMapping[] {
  const sorted = map.map((part) => ({ ...part })).sort((a, b) => a.containerID - b.containerID);
  const joined: IdMapping[] = [];
  for (const part of sorted) {
    const last = joined.at(-1);
    const follows =
      last && last.containerID + last.size === part.containerID && last.hostID + last.size === part.hostID;
    if (follows) last.size += part.size;
    else joined.push(part);
  }
  return joined;
}
