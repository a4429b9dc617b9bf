/** Ports that users may not take. */
import { readFileSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import type { PortMapping } from './attachment.ts';

const sysctl = '/proc/sys/net/ipv4/ip_unprivileged_port_start';

/** NO_PERMISSION that names the sysctl and what to set it to. */
export function checkPrivilegedPorts(ports: PortMapping[], first = firstAllowed()): void {
  const refused = ports.find(({ hostPort }) => hostPort < first);
  if (!refused) return;
  const { hostIp, hostPort, protocol } = refused;
  throw new TspodError(
    'NO_PERMISSION',
    `rootlessport cannot expose privileged port ${hostPort}, you can add ` +
      `'net.ipv4.ip_unprivileged_port_start=${hostPort}' to /etc/sysctl.conf (currently ${first}), or choose a larger ` +
      `port number (>= ${first}): listen ${protocol} ${hostIp || '0.0.0.0'}:${hostPort}: bind: permission denied`,
  );
}

function firstAllowed(): number {
  return Number(readFileSync(sysctl, 'utf8'));
}
