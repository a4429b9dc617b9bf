/** What has to be in place before a container's spec makes sense: its own small files, its user, its folders. */
import {
  closeSync,
  constants,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { hasErrno, messageOf, TspodError } from '../../errors.ts';
import { openInRoot } from '../../system/safe-path.ts';
import type { ContainerConfig } from '../container.ts';
import type { HostFacts } from '../host-facts.ts';
import { accountFiles } from './accounts.ts';
import type { SpecFiles } from './input.ts';
import { ensureMtab } from './mtab.ts';
import { chownSources } from './ownership.ts';
import { lookUpUser, type ProcessUser } from './user.ts';
import { outside } from './userns.ts';
import { ensureWorkDir } from './work-dir.ts';

export interface PrepareInput {
  config: ContainerConfig;
  /** The mounted root file system. */
  rootfs: string;
  /** The volatile folder of the container. */
  runDir: string;
  volumeDir: string;
  host: Pick<HostFacts, 'rootless'>;
}

/**
 * Writes .containerenv, localtime and, where the container's user needs it, lines in passwd and group; gives sources of
 * mounts with `U` to the user; makes the working directory of the image.
 * @throws BAD_ARGUMENT when the user does not exist or the working directory of -w is missing
 */
export function prepareRun(input: PrepareInput): SpecFiles {
  const { config, runDir } = input;
  mkdirSync(runDir, { recursive: true, mode: 0o700 });
  const accounts = accountFiles(input);
  let user: ProcessUser | undefined;
  const owner = (): ProcessUser => {
    if (!user) {
      const found = lookUpUser(input);
      user = { ...found, ...outside(config, found) };
    }
    return user;
  };
  chownSources(input, owner);
  ensureWorkDir(input, owner);
  ensureMtab(input.rootfs, outside(config, { uid: 0, gid: 0 }));
  const containerenv = `${runDir}/.containerenv`;
  writeFileSync(containerenv, containerEnv(config, input.host), { mode: 0o644 });
  const localtime = config.timezone ? timezoneFile(config.timezone, input) : undefined;
  return { containerenv, localtime, ...accounts };
}

/** Privileged containers are told who they are; the others only that they are one. */
function containerEnv(config: ContainerConfig, { rootless }: Pick<HostFacts, 'rootless'>): string {
  if (!config.privileged) return '';
  const lines = {
    engine: 'podman-tspod',
    name: config.name,
    id: config.id,
    image: config.imageName,
    imageid: config.imageId,
  };
  const quoted = Object.entries(lines).map(([key, value]) => `${key}=${JSON.stringify(value)}\n`);
  return `${quoted.join('')}rootless=${rootless ? 1 : 0}\n`;
}

/** An image with zones gets a link to its own, others a copy of the host's file. */
function timezoneFile(zone: string, { config, rootfs, runDir }: PrepareInput): string | undefined {
  const linked = zone !== 'local' && !config.readOnly && linkTimezone(rootfs, zone);
  return linked ? undefined : copyTimezone(zone, runDir);
}

function linkTimezone(rootfs: string, zone: string): boolean {
  try {
    closeSync(openInRoot(rootfs, `usr/share/zoneinfo/${zone}`, constants.O_RDONLY | constants.O_NONBLOCK));
    const etc = openInRoot(rootfs, 'etc', constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      rmSync(`/proc/self/fd/${etc}/localtime`, { force: true });
      symlinkSync(`../usr/share/zoneinfo/${zone}`, `/proc/self/fd/${etc}/localtime`);
    } finally {
      closeSync(etc);
    }
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EROFS')) return false;
    throw error;
  }
}

/** A copy: a bind of the host's file could be written to. */
function copyTimezone(zone: string, runDir: string): string {
  const source = zone === 'local' ? '/etc/localtime' : `/usr/share/zoneinfo/${zone}`;
  const target = `${runDir}/localtime`;
  try {
    writeFileSync(target, readFileSync(realpathSync(source)), { mode: 0o644 });
    return target;
  } catch (cause) {
    const reason = hasErrno(cause, 'ENOENT') ? `stat ${source}: no such file or directory` : messageOf(cause);
    throw new TspodError('SYSTEM', `finding timezone for container: ${reason}`, { cause });
  }
}
