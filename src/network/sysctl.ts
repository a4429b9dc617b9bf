/** Kernel switches of the network namespace that this process is in. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { messageOf, TspodError } from '../errors.ts';

/** Lets the host route for its containers. Throws NETWORK_FAILED naming the switch when it is off and cannot be set. */
export function enableForwarding(ipv6: boolean): void {
  setSysctl('net/ipv4/ip_forward', '1');
  if (ipv6) setSysctl('net/ipv6/conf/all/forwarding', '1');
}

/**
 * Switches of a new bridge, before it goes up. Published ports on 127.0.0.1 leave through it (the packet filter keeps
 * others from using that); without duplicate address detection IPv6 works from the first packet on.
 */
export function prepareBridge(bridge: string): void {
  setSysctl(`net/ipv4/conf/${bridge}/route_localnet`, '1');
  if (!existsSync(`/proc/sys/net/ipv6/conf/${bridge}`)) return;
  setSysctl(`net/ipv6/conf/${bridge}/accept_ra`, '0');
  setSysctl(`net/ipv6/conf/${bridge}/accept_dad`, '0');
}

/** True when the namespace has this interface. Unlike /sys, /proc/sys always shows the caller's namespace. */
export function interfaceExists(name: string): boolean {
  return existsSync(`/proc/sys/net/ipv4/conf/${name}`);
}

function setSysctl(name: string, value: string): void {
  const path = `/proc/sys/${name}`;
  try {
    if (readFileSync(path, 'utf8').trim() !== value) writeFileSync(path, value);
  } catch (error) {
    const key = name.replaceAll('/', '.');
    throw new TspodError('NETWORK_FAILED', `setting sysctl "${key}" to ${value}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
