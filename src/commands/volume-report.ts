/** What `volume ls` and `volume inspect` say of a volume, with Podman's field names and order. */
import type { Container } from '../runtime/container.ts';
import type { VolumeRecord } from '../storage/volume-store.ts';

export interface VolumeReport {
  Name: string;
  Driver: string;
  Mountpoint: string;
  CreatedAt: string;
  Labels: Record<string, string>;
  Scope: string;
  Options: Record<string, string>;
  UID: number;
  GID: number;
  Anonymous: boolean;
  MountCount: number;
  NeedsCopyUp: boolean;
  NeedsChown: boolean;
  LockNumber: number;
  StorageID: string;
  Timeout: number;
}

export function volumeReport(volume: VolumeRecord, containers: readonly Container[]): VolumeReport {
  const running = usersOf(volume.name, containers).filter(({ state }) => state.pid > 0);
  return {
    Name: volume.name,
    Driver: volume.driver,
    Mountpoint: volume.mountpoint,
    CreatedAt: volume.createdAt,
    Labels: volume.labels,
    Scope: 'local',
    Options: volume.options,
    UID: volume.uid,
    GID: volume.gid,
    Anonymous: volume.anonymous,
    MountCount: running.length,
    NeedsCopyUp: volume.needsCopyUp,
    NeedsChown: volume.needsChown,
    LockNumber: 0,
    StorageID: '',
    Timeout: 0,
  };
}

/** Without the fields that Go leaves out when they are zero. */
export function volumeJson(report: VolumeReport): Partial<VolumeReport> {
  const optional = ['UID', 'GID', 'Anonymous', 'NeedsCopyUp', 'NeedsChown', 'StorageID', 'Timeout'];
  const entries = Object.entries(report).filter(([key, value]) => !optional.includes(key) || Boolean(value));
  return Object.fromEntries(entries) as Partial<VolumeReport>;
}

/** Containers that have a volume. */
export function usersOf(name: string, containers: readonly Container[]): Container[] {
  return containers.filter(({ config }) => config.volumes.some((volume) => volume.name === name));
}
