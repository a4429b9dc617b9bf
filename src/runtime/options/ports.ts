/** --publish, --publish-all and --expose. */

import type { PortMapping } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import { isIP } from './ip.ts';

const protocols = ['tcp', 'udp', 'sctp'] as const;
type Protocol = (typeof protocols)[number];

/** One value of --publish; several when it names several protocols. hostPort 0 is to be chosen. */
export function parsePublish(text: string): PortMapping[] {
  const [address = '', protocol, extra] = text.split('/');
  if (extra !== undefined) badArgument('invalid port format - protocol can only be specified once');
  if (protocol === '') badArgument('must provide a non-empty protocol to publish');
  const { hostIp, hostPort, containerPort } = splitAddress(address);
  if (containerPort === '') badArgument('must provide a non-empty container port to publish');
  const container = parseRange(containerPort, 'parsing container port: ');
  const host = hostPort ? parseRange(hostPort, 'parsing host port: ') : { start: 0, length: container.length };
  if (host.length !== container.length) {
    const lengths = `${host.length} vs ${container.length}`;
    badArgument(`host and container port ranges have different lengths: ${lengths}`);
  }
  return parseProtocols(protocol ?? 'tcp').map((each) => ({
    hostIp,
    hostPort: host.start,
    containerPort: container.start,
    protocol: each,
    range: container.length,
  }));
}

interface Address {
  hostIp: string;
  hostPort: string;
  containerPort: string;
}

function splitAddress(text: string): Address {
  const bracket = splitBracket(text);
  const parts = bracket.rest.split(':');
  if (parts.length > 3) badArgument('invalid port format - format is [[hostIP:]hostPort:]containerPort');
  if (bracket.ip !== null) return afterBracket(bracket.ip, parts);
  const [containerPort = '', hostPort = '', hostIp] = parts.reverse();
  if (hostIp === '') badArgument('must provide a non-empty container host IP to publish');
  return { hostIp: hostIp === undefined ? '' : checkIp(hostIp), hostPort, containerPort };
}

function splitBracket(text: string): { ip: string | null; rest: string } {
  const parts = text.split(']');
  const [ip = '', rest = ''] = parts;
  if (parts.length === 1) return { ip: null, rest: text };
  if (parts.length > 2) {
    badArgument('invalid port format - at most one IPv6 address can be specified in a --publish');
  }
  if (!ip.startsWith('[')) badArgument('invalid port format - IPv6 addresses must be enclosed by []');
  if (!rest.startsWith(':')) {
    badArgument("invalid port format - IPv6 address must be followed by a colon (':')");
  }
  return { ip: ip.slice(1), rest: rest.slice(1) };
}

function afterBracket(ip: string, parts: string[]): Address {
  const [hostPort = '', containerPort = ''] = parts;
  if (parts.length === 1) {
    badArgument('invalid port format - must provide host and destination port if specifying an IP');
  }
  if (parts.length === 3) {
    badArgument('invalid port format - when v6 address specified, must be [ipv6]:hostPort:ctrPort');
  }
  return { hostIp: checkIp(ip), hostPort, containerPort };
}

function checkIp(ip: string): string {
  if (!isIP(ip)) badArgument(`cannot parse ${JSON.stringify(ip)} as an IP address`);
  return ip === '0.0.0.0' ? '' : ip;
}

export interface PortRange {
  start: number;
  /** Number of ports, at least 1. */
  length: number;
}

/** `80` or `80-90`. */
export function parseRange(text: string, prefix = ''): PortRange {
  const parts = text.split('-');
  const [first = '', last] = parts;
  if (parts.length > 2) {
    badArgument(`${prefix}invalid port format - port ranges are formatted as startPort-stopPort`);
  }
  if (first === '') badArgument(`${prefix}port numbers cannot be negative`);
  const start = parsePort(first, prefix);
  if (last === undefined) return { start, length: 1 };
  if (last === '') badArgument(`${prefix}must provide ending number for port range`);
  const end = parsePort(last, prefix);
  if (end <= start) {
    const words = 'the end port of a range must be higher than the start port';
    badArgument(`${prefix}${words} - ${end} is not higher than ${start}`);
  }
  return { start, length: end - start + 1 };
}

function parsePort(text: string, prefix: string): number {
  if (!/^[+-]?\d+$/.test(text)) {
    badArgument(`${prefix}invalid port number: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  const port = Number(text);
  if (port >= 1 && port <= 65535) return port;
  return badArgument(`${prefix}port numbers must be between 1 and 65535 (inclusive), got ${port}`);
}

/** `tcp`, `UDP`, `tcp,udp`. */
export function parseProtocols(text: string): Protocol[] {
  const found = text.split(',').map((name) => {
    const lower = name.toLowerCase() || 'tcp';
    const known = protocols.find((protocol) => protocol === lower);
    return known ?? badArgument(`unrecognized protocol ${JSON.stringify(lower)} in port mapping`);
  });
  return [...new Set(found)];
}
