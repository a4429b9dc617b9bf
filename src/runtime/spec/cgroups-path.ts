import { ownCgroup, ownCgroupV2 } from '../../system/cgroup.ts';
import type { ContainerConfig } from '../container.ts';
import type { HostFacts } from '../host-facts.ts';

/** linux.cgroupsPath: Podman's names, so that its tools recognize the groups. '' lets the runtime decide. */
export function cgroupsPath(
  config: ContainerConfig,
  manager: 'cgroupfs' | 'systemd',
  host: Pick<HostFacts, 'rootless' | 'cgroup'>,
): string {
  if (config.cgroupsMode === 'disabled') return '';
  // Nothing is delegated to a user on v1, and on v2 nothing that is known without systemd.
  const isGiven = config.cgroupParent !== '' || config.cgroupsMode === 'split';
  if (host.rootless && !(host.cgroup.version === 2 && (manager === 'systemd' || isGiven))) return '';
  if (config.cgroupsMode === 'split') {
    const own = ownCgroupV2() || ownCgroup('pids');
    return `${own === '/' ? '' : own}/libpod-payload-${config.id}`;
  }
  if (manager === 'systemd') {
    const slice = config.cgroupParent.split('/').at(-1) || (host.rootless ? 'user.slice' : 'machine.slice');
    return `${slice}:libpod:${config.id}`;
  }
  return `${config.cgroupParent || '/libpod_parent'}/libpod-${config.id}`;
}
