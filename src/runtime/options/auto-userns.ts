/** --userns=auto: ids that no other container has. */
import { subordinateRanges } from '../../config/subordinate-ids.ts';
import type { IdMapping } from '../../oci/runtime-spec.ts';
import type { IdMaps } from '../../system/userns.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { parseIdMap, sortedMap, without } from './id-map.ts';

/** As containers/storage: containers of an image get as many ids as it needs, and these at least. */
const fewest = 1024;
const most = 65_536;
/** Whose subordinate ids root's containers get. */
const owner = 'containers';

interface AutoOptions {
  size: number;
  uidmapping: string[];
  gidmapping: string[];
}

/** @throws BAD_ARGUMENT when there are not enough free ids */
export function autoMaps(text: string, input: BuildInput): IdMaps {
  const options = autoOptions(text);
  const used = input.ids?.used() ?? [];
  return {
    uids: mapOf(
      'uid',
      options.uidmapping,
      options.size,
      used.flatMap(({ uids }) => uids),
      input,
    ),
    gids: mapOf(
      'gid',
      options.gidmapping,
      options.size,
      used.flatMap(({ gids }) => gids),
      input,
    ),
  };
}

function mapOf(
  kind: 'uid' | 'gid',
  triples: string[],
  size: number,
  used: IdMapping[],
  input: BuildInput,
): IdMapping[] {
  const parent = input.host.userns?.[`${kind}s`];
  const fixed = parseIdMap(triples, kind === 'uid' ? 'UID' : 'GID', parent ?? null);
  const largest = Math.max(
    input.ids?.largest(input.image?.id ?? '') ?? 0,
    ...fixed.map((f) => f.containerID + f.size - 1),
  );
  const wanted = size || Math.min(most, Math.max(fewest, largest + 1));
  const free = freeRanges(kind, parent, [...used, ...fixed]);
  let map: IdMapping[] = [];
  let inside = 0;
  for (const { hostID, size: available } of free) {
    const take = Math.min(available, wanted - inside);
    if (take > 0) map.push({ containerID: inside, hostID, size: take });
    inside += Math.max(take, 0);
  }
  if (inside < wanted)
    badArgument(`not enough unused IDs in user namespace: ${wanted} ${kind}s are wanted, ${inside} are free`);
  for (const part of fixed) map = [...without(map, part), part];
  return sortedMap(map);
}

/** What may be given away, less what is: a user's all but the own id, of root's what `containers` has. */
function freeRanges(kind: 'uid' | 'gid', parent: readonly IdMapping[] | undefined, used: IdMapping[]): IdMapping[] {
  let free = parent ? ownRanges(parent) : rangesOfRoot(kind);
  // Only the engine's side counts here.
  for (const { hostID, size } of used)
    free = free.flatMap((part) => without([part], { containerID: hostID, hostID, size }));
  return free.sort((a, b) => a.hostID - b.hostID);
}

function ownRanges(parent: readonly IdMapping[]): IdMapping[] {
  const size = parent.reduce((sum, part) => sum + part.size, 0) - 1;
  return size > 0 ? [{ containerID: 1, hostID: 1, size }] : [];
}

function rangesOfRoot(kind: 'uid' | 'gid'): IdMapping[] {
  const ranges = subordinateRanges(kind, owner);
  if (ranges.length === 0) {
    badArgument(
      `cannot find mappings for user "${owner}": no sub${kind} ranges found for user "${owner}" in /etc/sub${kind}`,
    );
  }
  return ranges.map(({ first, count }) => ({ containerID: first, hostID: first, size: count }));
}

function autoOptions(text: string): AutoOptions {
  const options: AutoOptions = { size: 0, uidmapping: [], gidmapping: [] };
  for (const part of text.split(',').filter(Boolean)) {
    const at = part.indexOf('=');
    const [key, value] = [part.slice(0, Math.max(at, 0)), part.slice(at + 1)];
    if (key === 'size' && /^\d+$/.test(value)) options.size = Number(value);
    else if (key === 'uidmapping' || key === 'gidmapping') options[key].push(value);
    else badArgument(`unknown option specified: ${JSON.stringify(part)}`);
  }
  return options;
}
