/** Lines in /etc/passwd and /etc/group for the container's user, when it is a number that the image does not know. */
import { closeSync, constants, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { hasErrno } from '../../errors.ts';
import { openInRoot, readFileInRoot } from '../../system/safe-path.ts';
import type { ContainerConfig } from '../container.ts';
import type { SpecFiles } from './input.ts';
import { parsePasswd } from './passwd.ts';
import { findUser, type UserDatabase, userDatabase } from './user.ts';

interface AccountInput {
  config: ContainerConfig;
  rootfs: string;
  runDir: string;
}

/**
 * Appends to the files in the container, so that useradd can still replace them; a read-only container gets copies
 * that are bound over them. Nothing is written with --passwd=false or where the user mounted a file of their own.
 */
export function accountFiles(input: AccountInput): Pick<SpecFiles, 'passwd' | 'group'> {
  const { config } = input;
  const { user, passwd, hostUsers, groupEntry } = config;
  if (passwd === false || (!user && !hostUsers && !groupEntry)) return {};
  const database = userDatabase(config, input.rootfs);
  return {
    passwd: addLines(input, 'passwd', passwdLines(config, database)),
    group: addLines(input, 'group', groupLines(config, database)),
  };
}

function passwdLines(config: ContainerConfig, { users, groups }: UserDatabase): string {
  const known = (name: string, uid: number) => users.some((entry) => entry.name === name || entry.uid === uid);
  const lines = hostEntries(config.hostUsers ?? []).flatMap((entry) => {
    return known(entry.name, entry.uid) ? [] : [passwdLine(config, { ...entry, text: '' })];
  });
  const [name = ''] = config.user.split(':', 1);
  if (/^\d+$/.test(name) && !users.some((entry) => entry.uid === Number(name))) {
    const { uid, gid } = findUser(config.user, [], { users, groups });
    lines.push(passwdLine(config, { name: hostName(uid) ?? name, uid, gid, text: 'container user' }));
  }
  return lines.join('');
}

function passwdLine(
  config: ContainerConfig,
  { name, uid, gid, text }: { name: string; uid: number; gid: number; text: string },
): string {
  const home = config.workDir;
  if (!config.passwdEntry) return `${name}:*:${uid}:${gid}:${text}:${home}:/bin/sh\n`;
  const values: Record<string, string | number> = { USERNAME: name, UID: uid, GID: gid, NAME: text, HOME: home };
  return `${config.passwdEntry.replace(/\$(USERNAME|UID|GID|NAME|HOME)/g, (_, key: string) => String(values[key]))}\n`;
}

function groupLines({ user, groupEntry }: ContainerConfig, { groups }: UserDatabase): string {
  const [name = '', group = '0'] = user.split(':', 2);
  if (!/^\d+$/.test(group)) return '';
  const gid = Number(group);
  if (groups.some((entry) => entry.gid === gid)) return '';
  if (!groupEntry) return `${gid}:x:${gid}:${name}\n`;
  const values: Record<string, string> = { GROUPNAME: '', GID: group, USERLIST: '' };
  return `${groupEntry.replace(/\$(GROUPNAME|GID|USERLIST)/g, (_, key: string) => values[key] ?? '')}\n`;
}

function hostEntries(names: string[]): ReturnType<typeof parsePasswd> {
  if (names.length === 0) return [];
  const users = parsePasswd(readFileSync('/etc/passwd', 'utf8'));
  return names.flatMap((name) => users.find((user) => user.name === name || String(user.uid) === name) ?? []);
}

function hostName(uid: number): string | undefined {
  return parsePasswd(readFileSync('/etc/passwd', 'utf8')).find((user) => user.uid === uid)?.name;
}

const largestDatabase = 1 << 20;

/** The path of a copy to bind, or undefined when the file in the container was changed, or nothing was needed. */
function addLines(
  { config, rootfs, runDir }: AccountInput,
  name: 'passwd' | 'group',
  lines: string,
): string | undefined {
  const mounted = config.mounts.some(({ destination }) => destination === '/etc' || destination === `/etc/${name}`);
  if (lines === '' || mounted) return undefined;
  if (!config.readOnly) {
    append(rootfs, `etc/${name}`, lines);
    return undefined;
  }
  const copy = `${runDir}/${name}`;
  writeFileSync(copy, (readFileInRoot(rootfs, `etc/${name}`, largestDatabase) ?? '') + lines, { mode: 0o644 });
  return copy;
}

/** An image without /etc has no use for the line. */
function append(rootfs: string, path: string, lines: string): void {
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
  try {
    const fd = openInRoot(rootfs, path, flags, 0o644);
    try {
      writeSync(fd, lines);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (!hasErrno(error, 'ENOENT', 'ENOTDIR', 'ENXIO', 'EROFS')) throw error;
  }
}
