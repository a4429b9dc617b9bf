import { ownCgroup, ownCgroupV2 } from '../../system/cgroup.ts';
import type { ContainerConfig } from '../container.ts';

/** linux.cgroupsPath: Podman's names, so that its tools recognize the groups. '' lets the runtime decide. */
export function cgroupsPath(config: ContainerConfig, manager: 'cgroupfs' | 'systemd'): string {
  if (config.cgroupsMode === 'disabled') return '';
  if (config.cgroupsMode === 'split') {
    const own = ownCgroupV2() || ownCgroup('pids');
    return `${own === '/' ? '' : own}/libpod-payload-${config.id}`;
  }
  if (manager === 'systemd') {
    const slice = config.cgroupParent.split('/').at(-1) || 'machine.slice';
    return `${slice}:libpod:${config.id}`;
  }
  return `${config.cgroupParent || '/libpod_parent'}/libpod-${config.id}`;
}
