/** What systemd as first process expects: writable /run, /tmp, journal and its own cgroup. */
import { existsSync } from 'node:fs';
import type { Mount } from '../../oci/runtime-spec.ts';
import type { SpecInput } from './input.ts';

export function systemdMounts({ config, host }: SpecInput): Mount[] {
  if (!config.systemd) return [];
  const size = config.shmSizeSystemd ? [`size=${config.shmSizeSystemd}`] : [];
  const options = ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup', ...size];
  const mounts: Mount[] = ['/run', '/run/lock', '/tmp', '/var/log/journal'].map((destination) => ({
    destination,
    type: 'tmpfs',
    source: 'tmpfs',
    // Only /tmp is for everybody.
    options: destination === '/tmp' ? options : [...options, 'mode=755'],
  }));
  if (host.cgroup.version === 2) return mounts;
  const path = '/sys/fs/cgroup/systemd';
  if (!existsSync(path)) return mounts;
  const flags = ['bind', 'rprivate', 'nodev', 'noexec', 'nosuid'];
  return [...mounts, { destination: path, type: 'bind', source: path, options: flags }];
}
