/** Who the container's process is: names are looked up in the container's own /etc/passwd and /etc/group. */
import { readFileSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import { readFileInRoot } from '../../system/safe-path.ts';
import type { ContainerConfig } from '../container.ts';
import type { SpecInput } from './input.ts';
import { type GroupEntry, type PasswdEntry, parseGroup, parsePasswd } from './passwd.ts';

export interface ProcessUser {
  uid: number;
  gid: number;
  /** Without gid 0 twice: in the order of the process. */
  additionalGids: number[];
  home: string;
  isRoot: boolean;
  /** '' when /etc/passwd has no entry. */
  name: string;
}

/** A user database that is larger is not read: nobody needs it, and memory is bounded (CVE-2024-9676). */
const largestDatabase = 1 << 20;
const largestId = 2 ** 31 - 1;

/** The user of a container's first process, groups included. */
export function lookUpUser({ config, rootfs }: Pick<SpecInput, 'config' | 'rootfs'>): ProcessUser {
  return findUser(config.user, config.groupAdd, userDatabase(config, rootfs), config.workDir);
}

export interface UserDatabase {
  users: PasswdEntry[];
  groups: GroupEntry[];
}

/** What the container will see as /etc/passwd and /etc/group: a mount over them counts. */
export function userDatabase(config: ContainerConfig, rootfs: string): UserDatabase {
  return {
    users: parsePasswd(readContainerFile(config, rootfs, 'passwd')),
    groups: parseGroup(readContainerFile(config, rootfs, 'group')),
  };
}

/**
 * @param spec `user[:group]`, names or numbers. A number is never looked up as a name (CVE-2024-40635 and others are
 * about what a mix-up of the two can do), and '' is user 0.
 * @throws BAD_ARGUMENT when a name does not exist or a number is out of range.
 */
export function findUser(
  spec: string,
  groupAdd: string[],
  { users, groups }: UserDatabase,
  workDir = '/',
): ProcessUser {
  const [userPart = '', groupPart = ''] = spec.split(':', 2);
  const uid = userPart === '' ? 0 : numeric(userPart);
  const entry = users.find((user) => (uid === null ? user.name === userPart : user.uid === uid));
  if (!entry && uid === null) {
    throw new TspodError('BAD_ARGUMENT', `unable to find user ${userPart}: no matching entries in passwd file`);
  }
  const id = entry?.uid ?? uid ?? 0;
  const primary = groupPart === '' ? (entry?.gid ?? 0) : findGroup(groupPart, groups);
  const implied = groupPart === '' && entry ? groups.filter((group) => group.members.includes(entry.name)) : [];
  const gids = [
    ...(spec ? [primary] : []),
    ...groupAdd.map((name) => additionalGroup(name, groups)),
    ...implied.map((g) => g.gid),
  ];
  return {
    uid: id,
    gid: primary,
    additionalGids: [...new Set(gids)],
    home: entry?.home || (id === 0 ? '/root' : workDir || '/'),
    isRoot: id === 0,
    name: entry?.name ?? '',
  };
}

function findGroup(name: string, groups: GroupEntry[]): number {
  const gid = numeric(name);
  const group = groups.find((candidate) => (gid === null ? candidate.name === name : candidate.gid === gid));
  if (group) return group.gid;
  if (gid !== null) return gid;
  throw new TspodError('BAD_ARGUMENT', `unable to find group ${name}: no matching entries in group file`);
}

function additionalGroup(name: string, groups: GroupEntry[]): number {
  const group = groups.find((candidate) => candidate.name === name || String(candidate.gid) === name);
  const gid = group?.gid ?? numeric(name);
  if (gid !== null) return gid;
  const words = `looking up supplemental groups: Unable to find group ${name}: no matching entries in group file`;
  throw new TspodError('BAD_ARGUMENT', words);
}

function numeric(text: string): number | null {
  if (!/^[+-]?\d+$/.test(text)) return null;
  const value = Number(text);
  if (value < 0 || value > largestId) {
    throw new TspodError('BAD_ARGUMENT', `uids and gids must be in range 0-${largestId}`);
  }
  return value;
}

function readContainerFile({ mounts }: ContainerConfig, rootfs: string, name: 'passwd' | 'group'): string {
  const binds = mounts.filter((mount) => mount.type === 'bind');
  const file = binds.find((mount) => mount.destination === `/etc/${name}`);
  if (file) return readFileSync(file.source, 'utf8');
  const folder = binds.find((mount) => mount.destination === '/etc');
  const text = folder
    ? readFileInRoot(folder.source, name, largestDatabase)
    : readFileInRoot(rootfs, `etc/${name}`, largestDatabase);
  return text ?? '';
}
