/** IPv4 routes of the network namespace that this process is in. */
import { readFileSync } from 'node:fs';
import { hasErrno } from '../errors.ts';

export interface Route {
  interfaceName: string;
  /** CIDR, for example `10.88.0.0/16`. */
  subnet: string;
}

/** All but the default route, in the kernel's order; also those of interfaces that are down. */
export function hostRoutes(table = readTable()): Route[] {
  return table.trim().split('\n').slice(1).flatMap(parseRoute);
}

function parseRoute(line: string): Route[] {
  const [interfaceName = '', destination = '', , , , , , mask = ''] = line.split('\t');
  const prefix = [...mask].reduce((bits, digit) => bits + onesOf(Number.parseInt(digit, 16)), 0);
  return prefix === 0 ? [] : [{ interfaceName, subnet: `${addressOf(destination)}/${prefix}` }];
}

function onesOf(value: number): number {
  return (value.toString(2).match(/1/g) ?? []).length;
}

/** The table has addresses as little-endian hex: `0000580A` is `10.88.0.0`. */
function addressOf(hex: string): string {
  const bytes = hex.match(/../g) ?? [];
  return bytes
    .reverse()
    .map((byte) => Number.parseInt(byte, 16))
    .join('.');
}

function readTable(): string {
  try {
    return readFileSync('/proc/net/route', 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return ''; // a kernel without IPv4
    throw error;
  }
}
