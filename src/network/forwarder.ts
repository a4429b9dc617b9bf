/**
 * Published ports of a user's bridge networks: a small program accepts on the host's sockets and connects, in the
 * namespace of the bridges, to the same port of a loopback address, from where the packet filter sends it to the
 * container. The source address is lost. It ends when the container's namespace has no name any more.
 */
import { closeSync, existsSync, openSync } from 'node:fs';
import { resolve } from 'node:path';
import { TspodError } from '../errors.ts';
import { launch } from '../system/spawn.ts';
import type { PortMapping } from './attachment.ts';
import { parseIp } from './ip.ts';
import { reservePorts } from './ports.ts';

/** The sockets of the host, in the order in which `startForwarder` wants them. UNSUPPORTED, PORT_IN_USE */
export function takePorts(ports: PortMapping[]): number[] {
  if (ports.some(({ protocol }) => protocol === 'sctp')) {
    throw new TspodError('UNSUPPORTED', 'publishing sctp ports is not supported for users');
  }
  return reservePorts(ports);
}

/** What the packet filter in the namespace of the bridges is to know: addresses of the host mean nothing there. */
export function forwardedPorts(ports: PortMapping[]): PortMapping[] {
  return ports.map((port) => ({ ...port, hostIp: loopbackOf(port.hostIp) }));
}

/** Goes on in the background with copies of the sockets. */
export function startForwarder(userNetns: string, netnsPath: string, ports: PortMapping[], sockets: number[]): void {
  const targets = forwardedPorts(ports).flatMap(({ hostIp, hostPort, protocol, range }) =>
    Array.from({ length: range }, (_, index) => `${protocol}:${hostIp || '127.0.0.1'}:${hostPort + index}`),
  );
  start(userNetns, netnsPath, targets, sockets);
}

/** The same for a container without a bridge: connects inside of its namespace, to the address that is its own. */
export function startDirectForwarder(
  netnsPath: string,
  address: string,
  ports: PortMapping[],
  sockets: number[],
): void {
  const targets = ports.flatMap(({ containerPort, protocol, range }) =>
    Array.from({ length: range }, (_, index) => `${protocol}:${address}:${containerPort + index}`),
  );
  start(netnsPath, netnsPath, targets, sockets);
}

function start(netns: string, netnsPath: string, targets: string[], sockets: number[]): void {
  const nothing = openSync('/dev/null', 'r+');
  try {
    const own = Object.fromEntries(sockets.map((fd, index) => [3 + index, fd]));
    const fds = { 0: nothing, 1: nothing, 2: nothing, ...own };
    launch({ file: program(), args: [netnsPath, ...targets], netns, fds, cwd: '/', detached: true });
  } finally {
    closeSync(nothing);
  }
}

/** One of 127.0.0.0/8 for each address of the host; '' for all. */
function loopbackOf(hostIp: string): string {
  const ip = parseIp(hostIp);
  if (ip === null || ip.value === 0n) return '';
  const low = Number(ip.value & 0xffffffn);
  return `127.${low >> 16}.${(low >> 8) & 255}.${low & 255}`;
}

/** Beside the addon: two folders below the package are dist/chunks and src/network, one dist. */
function program(): string {
  const candidates = ['..', '../..'].map((up) => resolve(import.meta.dirname, up, 'build/Release/forwarder'));
  const found = candidates.find((path) => existsSync(path));
  if (found) return found;
  throw new TspodError('MISSING_PROGRAM', `"${candidates.at(-1)}" is missing: run 'npm run build:native'`);
}
