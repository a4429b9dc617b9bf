/** Ports of the host that are only reserved: nobody reads from these sockets. */
import { check, native } from './native.ts';

export interface PortRequest {
  /** IPv4 or IPv6, numeric. */
  ip: string;
  port: number;
  protocol: 'tcp' | 'udp' | 'sctp';
}

/**
 * Takes a port: it stays taken as long as the fd (close-on-exec) or a copy of it is open.
 * @throws EADDRINUSE, EADDRNOTAVAIL, EACCES, ... as errno errors
 */
export function bindPort({ ip, port, protocol }: PortRequest): number {
  return check(native().bindPort(ip, port, protocol), 'bind', `${ip}:${port}`);
}
