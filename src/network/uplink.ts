/** What pasta or slirp4netns made of a network namespace, as far as names and addresses depend on it. */
import { hasErrno } from '../errors.ts';
import { readInNetns } from '../system/netns.ts';
import { formatIp } from './ip.ts';

export interface Uplink {
  /** The namespace's own addresses, without prefix length, IPv4 first. */
  addresses: string[];
  /** Where questions about names are forwarded to the host's servers. */
  dnsServers: string[];
  /** The address that is the host's, null when the program maps none. */
  hostIp: string | null;
}

/** Addresses that others can use: neither loopback nor IPv6 link-local ones. */
export function addressesIn(netns: string): string[] {
  return [...v4Addresses(readIf(netns, 'fib_trie')), ...v6Addresses(readIf(netns, 'if_inet6'))];
}

/** A line with the address, the next one says whose it is. Each stands there twice. */
function v4Addresses(trie: string): string[] {
  const found = [...trie.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address);
  return [...new Set(found)].filter((address) => !address.startsWith('127.'));
}

function v6Addresses(table: string): string[] {
  const hex = table.split('\n').map((line) => line.slice(0, 32));
  const values = hex.filter((digits) => /^[0-9a-f]{32}$/.test(digits)).map((digits) => BigInt(`0x${digits}`));
  return values
    .filter((value) => value !== 1n && value >> 118n !== 0x3fan)
    .map((value) => formatIp({ version: 6, value }));
}

function readIf(netns: string, name: string): string {
  try {
    return readInNetns(netns, `/proc/thread-self/net/${name}`);
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return ''; // a kernel without this protocol
    throw error;
  }
}
