/** --userns, --uidmap, --gidmap, --subuidname, --subgidname. */
import { callerGid, callerUid } from '../../config/rootless.ts';
import { subordinateRanges } from '../../config/subordinate-ids.ts';
import { TspodError } from '../../errors.ts';
import type { IdMapping } from '../../oci/runtime-spec.ts';
import type { IdMaps } from '../../system/userns.ts';
import type { ContainerConfig, NamespaceMode } from '../container.ts';
import { autoMaps } from './auto-userns.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { parseIdMap } from './id-map.ts';

export interface Userns {
  userns: NamespaceMode;
  idMaps?: IdMaps;
  /** The user that `keep-id` and `nomap` mean when -u says nothing. */
  usernsUser?: string;
}

/** @param join finds the container of `container:NAME` @throws BAD_ARGUMENT in Podman's words */
export function buildUserns(input: BuildInput, join: (name: string) => string): Userns {
  const { options, conf, host } = input;
  const text = options.userns || host.env['PODMAN_USERNS'] || conf.containers.userns;
  const given = Boolean(options.uidmap.length || options.gidmap.length || options.subuidname || options.subgidname);
  if (given && options.userns && options.userns !== 'private') {
    badArgument('--userns and --uidmap/--gidmap/--subuidname/--subgidname are mutually exclusive');
  }
  if (given) return withMaps(chosenMaps(input));
  const [mode = '', rest = ''] = splitMode(text);
  switch (mode) {
    case '':
    case 'host':
      return { userns: { mode: 'host' } };
    case 'keep-id':
      return keepId(rest, input);
    case 'nomap':
      return { ...withMaps(noMap(input)), usernsUser: '0:0' };
    case 'auto':
      return withMaps(autoMaps(rest, input));
    case 'private':
      return withMaps(allOwn(input));
    case 'ns':
      return { userns: { mode: 'path', path: rest } };
    case 'container':
      return joined(join(rest), input);
    default:
      return badArgument(`unrecognized namespace mode ${text} passed`);
  }
}

function splitMode(text: string): string[] {
  const at = text.indexOf(':');
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function withMaps(idMaps: IdMaps): Userns {
  return { userns: { mode: 'private' }, idMaps };
}

/** Files of the root file system belong to the ids of the container that is joined. */
function joined(id: string, { findContainer }: BuildInput): Userns {
  const { idMaps } = findContainer(id).config as Pick<ContainerConfig, 'idMaps'>;
  return { userns: { mode: 'container', id }, ...(idMaps && { idMaps }) };
}

function chosenMaps({ options, host }: BuildInput): IdMaps {
  const { subuidname, subgidname } = options;
  const [users, groups] = [subuidname ?? subgidname, subgidname ?? subuidname];
  if (users && groups) return { uids: ofName('uid', users), gids: ofName('gid', groups) };
  const [uidmap, gidmap] = [options.uidmap, options.gidmap].map((list, _, both) => (list.length ? list : both.flat()));
  return {
    uids: parseIdMap(uidmap ?? [], 'UID', host.userns?.uids ?? null),
    gids: parseIdMap(gidmap ?? [], 'GID', host.userns?.gids ?? null),
  };
}

function ofName(kind: 'uid' | 'gid', name: string): IdMapping[] {
  const ranges = subordinateRanges(kind, name);
  if (ranges.length === 0) badArgument(`no sub${kind} ranges found for user "${name}" in /etc/sub${kind}`);
  let inside = 0;
  return ranges.map(({ first, count }) => {
    inside += count;
    return { containerID: inside - count, hostID: first, size: count };
  });
}

/** How many ids the engine's own namespace has; for the machine's, as many as a map can say. */
export function ownSize(map: readonly IdMapping[] | undefined): number {
  return map ? map.reduce((sum, { size }) => sum + size, 0) : 2 ** 32 - 1;
}

function allOwn({ host }: BuildInput): IdMaps {
  const identity = (map: readonly IdMapping[] | undefined) => [{ containerID: 0, hostID: 0, size: ownSize(map) }];
  return { uids: identity(host.userns?.uids), gids: identity(host.userns?.gids) };
}

/** The caller is the same number inside and outside. */
function keepId(rest: string, input: BuildInput): Userns {
  const options = keepIdOptions(rest);
  const { rootless, userns } = input.host;
  if (!rootless) return { ...withMaps(allOwn(input)), usernsUser: `${options.uid ?? 0}:${options.gid ?? 0}` };
  const [uid, gid] = [options.uid ?? callerUid(), options.gid ?? callerGid()];
  const limit = (map: readonly IdMapping[] | undefined) => Math.min(ownSize(map), options.size ?? ownSize(map)) - 1;
  const idMaps = { uids: around(uid, limit(userns?.uids)), gids: around(gid, limit(userns?.gids)) };
  return { ...withMaps(idMaps), usernsUser: `${uid}:${gid}` };
}

/** Id 0 of the engine becomes `id`; the others fill what is below and above. */
function around(id: number, others: number): IdMapping[] {
  const below = Math.min(id, others);
  const map = [
    { containerID: 0, hostID: 1, size: below },
    { containerID: id, hostID: 0, size: 1 },
    { containerID: id + 1, hostID: id + 1, size: others - id },
  ];
  return map.filter(({ size }) => size > 0);
}

function keepIdOptions(text: string): { uid?: number; gid?: number; size?: number } {
  const options: { uid?: number; gid?: number; size?: number } = {};
  for (const part of text.split(',').filter(Boolean)) {
    const [key = '', value = ''] = part.split('=');
    if (key !== 'uid' && key !== 'gid' && key !== 'size')
      badArgument(`unknown option specified: ${JSON.stringify(part)}`);
    if (!/^\d+$/.test(value)) badArgument(`invalid value ${JSON.stringify(value)} of option ${key} of --userns`);
    options[key] = Number(value);
  }
  return options;
}

/** All ids but the caller's. */
function noMap({ host }: BuildInput): IdMaps {
  const { rootless, userns } = host;
  if (!rootless) throw new TspodError('BAD_ARGUMENT', 'nomap is only supported in rootless mode');
  const [uids, gids] = [ownSize(userns?.uids) - 1, ownSize(userns?.gids) - 1];
  if (uids < 1 || gids < 1) {
    badArgument('nomap requires additional UIDs or GIDs defined in /etc/subuid and /etc/subgid to function correctly');
  }
  return { uids: [{ containerID: 0, hostID: 1, size: uids }], gids: [{ containerID: 0, hostID: 1, size: gids }] };
}
