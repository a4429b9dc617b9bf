import type { ContainersConf } from '../../config/containers-conf.ts';
import type { ContainerConfig } from '../container.ts';

/** linux.sysctl: those of containers.conf that belong to a namespace of the container's own, then the user's. */
export function sysctlsFor(config: ContainerConfig, conf: ContainersConf): Record<string, string> {
  const sysctls: Record<string, string> = {};
  for (const entry of conf.containers.defaultSysctls) {
    const at = entry.indexOf('=');
    const name = entry.slice(0, at);
    if (at > 0 && isOwn(name, config)) sysctls[name] = entry.slice(at + 1);
  }
  return { ...sysctls, ...config.sysctls };
}

/** Kernel parameters are per namespace: one of the host's, or of another container's, is not ours to set. */
function isOwn(name: string, { ipc, network, uts }: ContainerConfig): boolean {
  if (name.startsWith('net.')) return network.mode !== 'host' && network.mode !== 'container';
  if (name.startsWith('fs.mqueue.')) return ipc.mode !== 'host' && ipc.mode !== 'container';
  if (/^kernel\.(domainname|hostname)/.test(name)) return uts.mode !== 'host' && uts.mode !== 'container';
  return true;
}
