/** Takes published ports on the host, so that no other program gets them and a conflict shows before the start. */
import { closeSync } from 'node:fs';
import { hasErrno, messageOf, TspodError } from '../errors.ts';
import { bindPort } from '../system/ports.ts';
import type { PortMapping } from './attachment.ts';

/** One open socket per port; the container's monitor keeps them. Throws PORT_IN_USE with Podman's words. */
export function reservePorts(ports: PortMapping[]): number[] {
  const fds: number[] = [];
  try {
    for (const mapping of ports) {
      if (mapping.protocol === 'sctp') continue; // has no reservation in Podman either
      for (let index = 0; index < mapping.range; index++) fds.push(reserve(mapping, mapping.hostPort + index));
    }
    return fds;
  } catch (error) {
    for (const fd of fds) closeSync(fd);
    throw error;
  }
}

function reserve({ hostIp, protocol }: PortMapping, port: number): number {
  const kind = protocol as 'tcp' | 'udp';
  try {
    return bindPort({ ip: hostIp === '' ? '0.0.0.0' : hostIp, port, protocol: kind });
  } catch (error) {
    throw listenError(error, kind, hostIp, port);
  }
}

function listenError(error: unknown, protocol: 'tcp' | 'udp', hostIp: string, port: number): TspodError {
  const v6 = hostIp.includes(':');
  const address = `${v6 ? `[${hostIp}]` : hostIp === '0.0.0.0' ? '' : hostIp}:${port}`;
  const message = `cannot listen on the ${protocol.toUpperCase()} port: listen ${protocol}${v6 ? 6 : 4} ${address}: bind`;
  const reason = reasons.find(([errno]) => hasErrno(error, errno))?.[1] ?? messageOf(error);
  const code = hasErrno(error, 'EADDRINUSE')
    ? 'PORT_IN_USE'
    : hasErrno(error, 'EACCES')
      ? 'NO_PERMISSION'
      : 'NETWORK_FAILED';
  return new TspodError(code, `${message}: ${reason}`, { cause: error });
}

const reasons: [errno: string, words: string][] = [
  ['EADDRINUSE', 'address already in use'],
  ['EACCES', 'permission denied'],
  ['EADDRNOTAVAIL', 'cannot assign requested address'],
];
