/** Volumes that are file systems of their own (`-o type=… -o device=…`): mounted while a container uses them. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { isMountpoint } from '../system/mount.ts';
import { run } from '../system/spawn.ts';
import { finishUnmount } from './mount-home.ts';
import { underLock } from './store-lock.ts';
import type { VolumeRecord } from './volume-store.ts';

/** Names in `o` that are about the volume and not for mount(8). */
const notForMount = /^(uid|gid|size|inodes)=|^(noquota|copy|nocopy)$/;

/**
 * Mounts a volume if it needs that, and notes the user.
 * @param runDir volatile folder of the engine
 * @returns the path of the content
 * @throws SYSTEM with the words of mount(8)
 */
export function mountVolume(runDir: string, volume: VolumeRecord, user: string): string {
  if (!needsMount(volume)) return volume.mountpoint;
  const users = `${runDir}/volumes/${volume.name}`;
  return underLock(`${runDir}/volumes/lock`, () => {
    mkdirSync(users, { recursive: true, mode: 0o700 });
    if (!isMountpoint(volume.mountpoint)) doMount(volume);
    writeFileSync(`${users}/${user}`, '', { mode: 0o600 });
    return volume.mountpoint;
  });
}

/** Forgets a user; the last one unmounts. Idempotent. */
export function unmountVolume(runDir: string, volume: VolumeRecord, user: string): void {
  if (!needsMount(volume)) return;
  const users = `${runDir}/volumes/${volume.name}`;
  underLock(`${runDir}/volumes/lock`, () => {
    rmSync(`${users}/${user}`, { force: true });
    mkdirSync(users, { recursive: true, mode: 0o700 });
    if (readdirSync(users).length === 0) finishUnmount(volume.mountpoint);
  });
}

function needsMount(volume: VolumeRecord): boolean {
  const { type, device } = volume.options;
  return Boolean(type || device) || mountOptions(volume) !== '';
}

function mountOptions(volume: VolumeRecord): string {
  const given = (volume.options['o'] ?? '').split(',');
  const options = given.filter((option) => option !== '' && !notForMount.test(option));
  // For a tmpfs, size and owner are options of the file system.
  if (volume.options['type'] === 'tmpfs') options.push(...given.filter((option) => /^(uid|gid|size)=/.test(option)));
  return options.join(',');
}

/** `type=bind` is what mount(8) calls `o=bind`. */
function doMount(volume: VolumeRecord): void {
  const { type, device } = volume.options;
  const isBind = type === 'bind' || type === 'rbind';
  const options = [isBind ? type : '', mountOptions(volume)].filter((option) => option !== '').join(',');
  const args = options ? ['-o', options] : [];
  if (type && !isBind) args.push('-t', type);
  runMount(volume, [...args, '--', device ?? 'none', volume.mountpoint]);
}

function runMount(volume: VolumeRecord, args: string[]): void {
  const { status, stderr } = run({ file: 'mount', args });
  if (status === 0) return;
  throw new TspodError('SYSTEM', `mounting volume ${volume.name}: ${stderr.trim().replace(/\s*\n\s*/g, ': ')}`);
}
