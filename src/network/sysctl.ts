/** Kernel switches of the network namespace that the bridges are in: that of this process, or a user's own. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { hasErrno, messageOf, TspodError } from '../errors.ts';
import { readInNetns, writeInNetns } from '../system/netns.ts';

/** Lets the host route for its containers. Throws NETWORK_FAILED naming the switch when it is off and cannot be set. */
export function enableForwarding(ipv6: boolean, netns?: string): void {
  setSysctl('net/ipv4/ip_forward', '1', netns);
  if (ipv6) setSysctl('net/ipv6/conf/all/forwarding', '1', netns);
}

/**
 * Switches of a new bridge, before it goes up. Published ports on 127.0.0.1 leave through it (the packet filter keeps
 * others from using that); without duplicate address detection IPv6 works from the first packet on.
 */
export function prepareBridge(bridge: string, netns?: string): void {
  setSysctl(`net/ipv4/conf/${bridge}/route_localnet`, '1', netns);
  if (!exists(`/proc/sys/net/ipv6/conf/${bridge}/accept_ra`, netns)) return;
  setSysctl(`net/ipv6/conf/${bridge}/accept_ra`, '0', netns);
  setSysctl(`net/ipv6/conf/${bridge}/accept_dad`, '0', netns);
}

/** True when the namespace has this interface. Unlike /sys, /proc/sys always shows the caller's namespace. */
export function interfaceExists(name: string, netns?: string): boolean {
  return exists(`/proc/sys/net/ipv4/conf/${name}/forwarding`, netns);
}

function exists(path: string, netns?: string): boolean {
  if (netns === undefined) return existsSync(path);
  try {
    readInNetns(netns, path);
    return true;
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return false;
    throw error;
  }
}

function setSysctl(name: string, value: string, netns?: string): void {
  const path = `/proc/sys/${name}`;
  try {
    const current = netns === undefined ? readFileSync(path, 'utf8') : readInNetns(netns, path);
    if (current.trim() === value) return;
    if (netns === undefined) writeFileSync(path, value);
    else writeInNetns(netns, path, value);
  } catch (error) {
    const key = name.replaceAll('/', '.');
    throw new TspodError('NETWORK_FAILED', `setting sysctl "${key}" to ${value}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
