/** /proc, /dev, /sys and what belongs to them. */
import type { Mount } from '../../oci/runtime-spec.ts';
import type { SpecInput } from './input.ts';

export function systemMounts(input: SpecInput): Mount[] {
  const { config } = input;
  const mounts: Mount[] = [
    { destination: '/proc', type: 'proc', source: 'proc', options: procOptions(input) },
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: devOptions(input) },
    { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['nosuid', 'noexec', 'nodev', access(input)] },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: ptsOptions },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: ['nosuid', 'noexec', 'nodev'] },
    shmMount(input),
    {
      destination: '/sys/fs/cgroup',
      type: 'cgroup',
      source: 'cgroup',
      options: ['rprivate', 'nosuid', 'noexec', 'nodev', 'relatime', cgroupAccess(input)],
    },
  ];
  return config.ipc.mode === 'none' ? mounts.filter((mount) => mount.destination !== '/dev/shm') : mounts;
}

const ptsOptions = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'];

function procOptions({ config }: SpecInput): string[] {
  return config.procOpts.length > 0 ? config.procOpts : ['nosuid', 'noexec', 'nodev'];
}

function devOptions({ config }: SpecInput): string[] {
  const sealed = config.readOnly && !config.readOnlyTmpfs;
  return ['nosuid', 'strictatime', 'mode=755', 'size=65536k', ...(sealed ? ['ro'] : [])];
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
  const flags = ['nosuid', 'noexec', 'nodev'];
  const shared = config.ipc.mode === 'host' ? '/dev/shm' : files.shm;
  const readonly = config.readOnly && !config.readOnlyTmpfs ? ['ro'] : [];
  if (shared) {
    return {
      destination: '/dev/shm',
      type: 'bind',
      source: shared,
      options: ['bind', 'rprivate', ...flags, ...readonly],
    };
  }
  const size = `size=${config.shmSize ?? defaultShmSize}`;
  return { destination: '/dev/shm', type: 'tmpfs', source: 'shm', options: [...flags, 'mode=1777', size, ...readonly] };
}
