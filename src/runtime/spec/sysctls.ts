import { readFileSync } from 'node:fs';
import type { ContainersConf } from '../../config/containers-conf.ts';
import type { ContainerConfig } from '../container.ts';
import type { HostFacts } from '../host-facts.ts';

/** linux.sysctl: those of containers.conf that belong to a namespace of the container's own, then the user's. */
export function sysctlsFor(
  config: ContainerConfig,
  conf: ContainersConf,
  host: Pick<HostFacts, 'userns'>,
): Record<string, string> {
  const sysctls: Record<string, string> = {};
  const defaults = host.userns !== null && areReadOnly() ? [] : conf.containers.defaultSysctls;
  for (const entry of defaults) {
    const at = entry.indexOf('=');
    const name = entry.slice(0, at);
    if (at > 0 && isOwn(name, config)) sysctls[name] = entry.slice(at + 1);
  }
  return { ...sysctls, ...config.sysctls };
}

/** In a container without privileges /proc/sys is read-only, and in containers in it: a default is not worth failing. */
function areReadOnly(): boolean {
  return /^(\S+ ){4}\/proc\/sys ro,/m.test(readFileSync('/proc/self/mountinfo', 'utf8'));
}

/** Kernel parameters are per namespace: one of the host's, or of another container's, is not ours to set. */
function isOwn(name: string, { ipc, network, uts }: ContainerConfig): boolean {
  if (name.startsWith('net.')) return network.mode !== 'host' && network.mode !== 'container';
  if (name.startsWith('fs.mqueue.')) return ipc.mode !== 'host' && ipc.mode !== 'container';
  if (/^kernel\.(domainname|hostname)/.test(name)) return uts.mode !== 'host' && uts.mode !== 'container';
  return true;
}
