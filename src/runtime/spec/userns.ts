/** What a user namespace takes away: mounts of the kernel's file systems, device nodes, groups that are not mapped. */
import type { IdMapping } from '../../oci/runtime-spec.ts';
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
  return mode !== 'container' && mode !== 'path';
}

/** Whether group 5 (tty), to which terminals belong, exists in the container. */
export function hasTerminalGroup({ config, host }: Where): boolean {
  return [config.idMaps?.gids, host.userns?.gids].every((map) => !map?.length || isMapped(map, 5));
}

export function isMapped(map: readonly IdMapping[], id: number): boolean {
  return map.some(({ containerID, size }) => id >= containerID && id < containerID + size);
}
