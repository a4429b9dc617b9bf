/** /proc, /dev, /sys and what belongs to them. */
import type { Mount } from '../../oci/runtime-spec.ts';
import type { SpecInput } from './input.ts';
import { hasTerminalGroup, isInUserns, mayMountSysfs } from './userns.ts';

export function systemMounts(input: SpecInput): Mount[] {
  const { config } = input;
  const mounts: Mount[] = [
    procMount(input),
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: devOptions(input) },
    sysMount(input),
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ptsOptions(input) },
    mqueueMount(input),
    shmMount(input),
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['rprivate', ...sealed, 'relatime', cgroupAccess(input)],
    },
  ];
  return config.ipc.mode === 'none' ? mounts.filter((mount) => mount.destination !== '/dev/shm') : mounts;
}

const sealed = ['nosuid', 'noexec', 'nodev'];

/** The kernel lets nobody mount a proc of a foreign pid namespace from within another user namespace. */
function procMount(input: SpecInput): Mount {
  const { procOpts, pid } = input.config;
  if (isInUserns(input) && pid.mode === 'host') {
    return { destination: '/proc', type: 'bind', source: '/proc', options: ['rbind', ...sealed] };
  }
  return { destination: '/proc', type: 'proc', source: 'proc', options: procOpts.length > 0 ? procOpts : sealed };
}

function sysMount(input: SpecInput): Mount {
  const destination = '/sys';
  if (mayMountSysfs(input)) {
    return { destination, type: 'sysfs', source: 'sysfs', options: [...sealed, access(input)] };
  }
  return { destination, type: 'bind', source: '/sys', options: ['rprivate', ...sealed, access(input), 'rbind'] };
}

function ptsOptions(input: SpecInput): string[] {
  const group = hasTerminalGroup(input) ? ['gid=5'] : [];
  return ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...group];
}

function mqueueMount(input: SpecInput): Mount {
  const destination = '/dev/mqueue';
  if (isInUserns(input) && input.config.ipc.mode === 'host') {
    return { destination, type: 'bind', source: destination, options: ['bind', ...sealed] };
  }
  return { destination, type: 'mqueue', source: 'mqueue', options: sealed };
}

function devOptions({ config }: SpecInput): string[] {
  const readOnly = config.readOnly && !config.readOnlyTmpfs;
  return ['nosuid', 'strictatime', 'mode=755', 'size=65536k', ...(readOnly ? ['ro'] : [])];
}

function access({ config }: SpecInput): 'ro' | 'rw' {
  return config.privileged ? 'rw' : 'ro';
}

/** Cgroups are writable for a privileged container, and on v2 for one that unmasks them. */
function cgroupAccess(input: SpecInput): 'ro' | 'rw' {
  const { unmask } = input.config;
  const unmasked = unmask.some((path) => path.toUpperCase() === 'ALL' || path.replace(/\/+$/, '') === '/sys/fs/cgroup');
  return input.host.cgroup.version === 2 && unmasked ? 'rw' : access(input);
}

const defaultShmSize = 64 << 20;

function shmMount({ config, files }: SpecInput): Mount {
  const shared = config.ipc.mode === 'host' ? '/dev/shm' : files.shm;
  const readonly = config.readOnly && !config.readOnlyTmpfs ? ['ro'] : [];
  if (shared) {
    return {
      destination: '/dev/shm',
      type: 'bind',
      source: shared,
      options: ['bind', 'rprivate', ...sealed, ...readonly],
    };
  }
  const size = `size=${config.shmSize ?? defaultShmSize}`;
  return {
    destination: '/dev/shm',
    type: 'tmpfs',
    source: 'shm',
    options: [...sealed, 'mode=1777', size, ...readonly],
  };
}
