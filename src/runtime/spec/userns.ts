/** What a user namespace takes away: mounts of the kernel's file systems, device nodes, groups that are not mapped. */
import type { IdMapping } from '../../oci/runtime-spec.ts';
import { machineId } from '../../system/userns.ts';
import type { ContainerConfig } from '../container.ts';
import type { HostFacts } from '../host-facts.ts';

type Where = { config: ContainerConfig; host: HostFacts };

/** The container has a user namespace that is not the engine's. */
export function hasOwnUserns({ userns }: Pick<ContainerConfig, 'userns'>): boolean {
  return userns.mode !== 'host';
}

/** The container's root is not the machine's. */
export function isInUserns({ config, host }: Where): boolean {
  return host.rootless || hasOwnUserns(config);
}

/** Sysfs may be mounted only by who owns the network namespace: elsewhere the host's is bound. */
export function mayMountSysfs({ config, host }: Where): boolean {
  const { mode } = config.network;
  if (mode === 'host') return !isInUserns({ config, host });
  if (!hasOwnUserns(config)) return true;
  // The namespace of a bridge is made before the container's, and is the engine's.
  return mode === 'none' || mode === 'pasta' || mode === 'slirp4netns';
}

/** Whether group 5 (tty), to which terminals belong, exists in the container. */
export function hasTerminalGroup({ config, host }: Where): boolean {
  return [config.idMaps?.gids, host.userns?.gids].every((map) => !map?.length || isMapped(map, 5));
}

export function isMapped(map: readonly IdMapping[], id: number): boolean {
  return map.some(({ containerID, size }) => id >= containerID && id < containerID + size);
}

/** What the engine calls a user of the container: its files on the disk belong to these ids. */
export function outside(
  { idMaps }: Pick<ContainerConfig, 'idMaps'>,
  { uid, gid }: { uid: number; gid: number },
): { uid: number; gid: number } {
  return { uid: machineId(idMaps?.uids, uid), gid: machineId(idMaps?.gids, gid) };
}

/** The kernel wants each part of a map within one part of the parent's. */
export function splitMap(map: readonly IdMapping[], parent: readonly IdMapping[] | undefined): IdMapping[] {
  if (!parent) return [...map];
  return map.flatMap((part) => {
    const pieces = parent.map(({ containerID: from, size }) => {
      const start = Math.max(part.hostID, from);
      const end = Math.min(part.hostID + part.size, from + size);
      return { containerID: part.containerID + start - part.hostID, hostID: start, size: end - start };
    });
    return pieces.filter(({ size }) => size > 0).sort((a, b) => a.containerID - b.containerID);
  });
}
