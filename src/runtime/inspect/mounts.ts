import { bindOptions } from '../spec/mount-options.ts';
import { volumePath } from '../storage-up.ts';
import type { InspectInput } from './inspect.ts';

const propagations = ['shared', 'slave', 'private', 'rshared', 'rslave', 'rprivate', 'unbindable', 'runbindable'];

/** Volumes and binds of the user; tmpfs mounts stand in HostConfig.Tmpfs instead. */
export function inspectMounts({ rt, container: { config } }: InspectInput) {
  const volumes = config.volumes.map((volume) => ({
    Type: 'volume',
    Name: volume.name,
    Source: volumePath(rt, volume.name),
    Destination: volume.destination,
    Driver: 'local',
    ...optionFields(bindOptions(volume.options)),
    ...(volume.subPath ? { SubPath: volume.subPath } : {}),
  }));
  const images = (config.imageVolumes ?? []).map((volume) => ({
    Type: 'image',
    Source: volume.source,
    Destination: volume.destination,
    Driver: '',
    Mode: '',
    Options: null,
    RW: volume.readWrite,
    Propagation: '',
    ...(volume.subPath ? { SubPath: volume.subPath } : {}),
  }));
  const binds = config.mounts
    .filter((mount) => mount.type === 'bind')
    .map((mount) => ({
      Type: 'bind',
      Source: mount.source,
      Destination: mount.destination,
      Driver: '',
      ...optionFields(bindOptions(mount.options)),
    }));
  return [...volumes, ...images, ...binds];
}

function optionFields(options: readonly string[]) {
  const label = options.filter((option) => option === 'z' || option === 'Z').at(-1) ?? '';
  const propagation = options.filter((option) => propagations.includes(option)).at(-1) ?? '';
  const named = ['ro', 'rw', 'z', 'Z', ...propagations];
  return {
    Mode: label,
    Options: options.filter((option) => !named.includes(option)),
    RW: !options.includes('ro'),
    Propagation: propagation,
  };
}
