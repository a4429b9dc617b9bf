/** All mounts of a container in the order in which the runtime makes them. */
import { posix } from 'node:path';
import type { Mount } from '../../oci/runtime-spec.ts';
import { resolveInRoot } from '../../system/safe-path.ts';
import type { BindMount, NamedVolume } from '../container.ts';
import { initDestination } from './destinations.ts';
import { deviceMounts } from './device-mounts.ts';
import type { SpecInput } from './input.ts';
import { bindOptions, tmpfsOptions } from './mount-options.ts';
import { systemMounts } from './system-mounts.ts';
import { systemdMounts } from './systemd-mounts.ts';
import type { ProcessUser } from './user.ts';

/**
 * User mounts take the place of the engine's at the same path, and one over /dev that of everything below it. Parents
 * come before children, otherwise the order is kept.
 */
export function mountsFor(input: SpecInput, user: ProcessUser): Mount[] {
  const wanted = [...userMounts(input, user), ...(input.mounts ?? [])];
  const taken = new Set(wanted.map((mount) => posix.normalize(mount.destination)));
  const own = [
    ...systemMounts(input),
    ...(input.defaultMounts ?? []),
    ...engineFiles(input),
    ...readonlyTmpfs(input),
    ...systemdMounts(input),
    ...deviceMounts(input),
  ];
  const ownDev = !taken.has('/dev');
  for (const mount of own) {
    if (taken.has(mount.destination)) continue;
    if (!ownDev && mount.destination.startsWith('/dev/')) continue;
    taken.add(mount.destination);
    wanted.push(mount);
  }
  return wanted
    .map((mount) => ({ mount, depth: depthOf(mount.destination) }))
    .sort((a, b) => a.depth - b.depth)
    .map(({ mount }) => mount);
}

/** linux.rootfsPropagation: a shared or slave mount can only be one below a root that is. */
export function rootPropagation(mounts: Mount[]): string {
  const options = new Set(mounts.flatMap((mount) => mount.options));
  if (options.has('shared') || options.has('rshared')) return 'shared';
  return options.has('slave') || options.has('rslave') ? 'rslave' : '';
}

function depthOf(path: string): number {
  return path === '/' ? 0 : posix.normalize(path).split('/').length;
}

function userMounts({ config, volumeDir, conf }: SpecInput, user: ProcessUser): Mount[] {
  const mounts = config.mounts.map((mount) => ociMount(mount, user));
  const volumes = config.volumes.map((volume) => volumeMount(volume, volumeDir));
  const init = config.init ? [initMount(config.initPath || conf.containers.initPath || conf.engine.initPath)] : [];
  return [...mounts, ...volumes, ...init];
}

function ociMount({ type, source, destination, options }: BindMount, user: ProcessUser): Mount {
  if (type === 'bind') return { destination, type, source, options: bindOptions(options) };
  if (type === 'tmpfs') return { destination, type, source: type, options: tmpfsOptions(options, user) };
  return { destination, type, source: source || type, options };
}

function volumeMount({ name, destination, options, subPath }: NamedVolume, volumeDir: string): Mount {
  const root = `${volumeDir}/${name}/_data`;
  const source = subPath ? resolveInRoot(root, subPath) : root;
  return { destination, type: 'bind', source, options: bindOptions(options) };
}

function initMount(path: string): Mount {
  return { destination: initDestination, type: 'bind', source: path, options: ['bind', 'rprivate', 'ro'] };
}

/** Files that the engine keeps for a container. With --read-only they are read-only too. */
function engineFiles({ config, files }: SpecInput): Mount[] {
  const readonly = config.readOnly ? ['ro', 'nosuid', 'noexec', 'nodev'] : [];
  const pairs: [string, string | null | undefined][] = [
    ['/etc/resolv.conf', files.resolvConf],
    ['/etc/hosts', files.hosts],
    ['/etc/hostname', files.hostname],
    ['/run/.containerenv', hidesRun(config) ? null : files.containerenv],
    ['/etc/passwd', files.passwd],
    ['/etc/group', files.group],
    ['/etc/localtime', files.localtime],
    ['/run/notify', files.notifyDir],
  ];
  const mounts: Mount[] = [];
  for (const [destination, source] of pairs) {
    if (!source) continue;
    mounts.push({ destination, type: 'bind', source, options: ['bind', 'rprivate', ...readonly] });
    // Programs in a chroot want the same names.
    for (const folder of destination.startsWith('/etc/') ? (config.chrootDirs ?? []) : []) {
      mounts.push({
        destination: posix.join(folder, destination),
        type: 'bind',
        source,
        options: ['bind', 'rprivate', ...readonly],
      });
    }
  }
  return mounts;
}

/** A folder of the host at /run is the user's: nothing is added to it. */
function hidesRun({ mounts, volumes }: SpecInput['config']): boolean {
  return volumes.some(({ destination }) => destination === '/run') || mounts.some(isBindOfRun);
}

function isBindOfRun({ type, destination }: BindMount): boolean {
  return type === 'bind' && destination === '/run';
}

/** What a read-only container may still write to. */
function readonlyTmpfs({ config }: SpecInput): Mount[] {
  if (!config.readOnly || !config.readOnlyTmpfs) return [];
  const options = ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup'];
  return ['/tmp', '/var/tmp', '/run'].map((destination) => ({ destination, type: 'tmpfs', source: 'tmpfs', options }));
}
