/**
 * Who has which address and port: one small JSON file per network namespace of the host, changed only under its lock.
 *
 * It belongs to the namespace and not to one engine's folders, because engines with different roots share the
 * bridges, the addresses and the packet filter of the namespace they run in.
 */
import { accessSync, constants, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { hasErrno } from '../errors.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { withLock } from '../system/lock.ts';
import type { NetworkContext } from './context.ts';

/** One element of one nftables set or map of the table. */
export interface Element {
  set: string;
  key: string;
  value?: string;
}

/** One network of one container. */
export interface LeasedAttachment {
  bridge: string;
  /** Host end of the veth pair. */
  hostInterface: string;
  interfaceName: string;
  mac: string;
  /** Without prefix length. */
  ips: string[];
}

export interface Lease {
  /** A lease whose namespace is gone is stale: its container was never torn down. */
  netnsPath: string;
  attachments: Record<string, LeasedAttachment>;
  /** Published ports as elements of the packet filter. */
  elements: Element[];
}

export interface LeaseFile {
  /** Container id to lease, oldest first. */
  leases: Record<string, Lease>;
  /** Bridge name to the elements that all its containers share. */
  bridges: Record<string, Element[]>;
  /** `BRIDGE SUBNET` to the address given out last: addresses are given out in a circle, as Podman does. */
  lastIps: Record<string, string>;
}

/** Runs `change` under the lock. What it did to the file's content is written when it returns, not when it throws. */
export function changeLeases<T>(context: NetworkContext, change: (file: LeaseFile) => T | Promise<T>): Promise<T> {
  const folder = leaseFolder(context);
  return withLock(`${folder}/lock`, 'exclusive', async () => {
    const before = readText(`${folder}/leases.json`);
    const file = parse(before);
    const result = await change(file);
    const after = JSON.stringify(file);
    if (after !== before) writeFileAtomic(`${folder}/leases.json`, after, { mode: 0o600, sync: false });
    return result;
  });
}

/** The leases as they are, without waiting for a lock. */
export function readLeases(context: NetworkContext): LeaseFile {
  return parse(readText(`${leaseFolder(context)}/leases.json`));
}

/** Takes out the leases whose network namespace no longer exists, and returns them. */
export function dropStaleLeases(file: LeaseFile): Lease[] {
  const stale = Object.entries(file.leases).filter(([, lease]) => !existsSync(lease.netnsPath));
  for (const [id] of stale) delete file.leases[id];
  return stale.map(([, lease]) => lease);
}

/**
 * Drops what the file says of a bridge that does not exist: it was removed, or the number of the namespace belonged
 * to another one before.
 */
export function forgetBridge(file: LeaseFile, bridge: string): void {
  delete file.bridges[bridge];
  for (const key of Object.keys(file.lastIps)) if (key.startsWith(`${bridge} `)) delete file.lastIps[key];
}

/** The folder of the leases; made when missing. */
export function leaseFolder(context: NetworkContext): string {
  const folder = sharedFolder(context) ?? context.paths.networkRunDir;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** The folder that all engines of this network namespace share; null for a user who may not write there. */
function sharedFolder({ userNetns }: NetworkContext): string | null {
  if (userNetns !== undefined) return dirname(userNetns);
  if (process.geteuid?.() !== 0) return null;
  try {
    accessSync('/run', constants.W_OK);
    return `/run/tspod/netns-${statSync('/proc/self/ns/net').ino}`;
  } catch (error) {
    if (hasErrno(error, 'EACCES', 'EROFS', 'EPERM')) return null;
    throw error;
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return '';
    throw error;
  }
}

/** A file that does not parse is as good as none: it is volatile, and every container's namespace tells the truth. */
function parse(text: string): LeaseFile {
  const empty: LeaseFile = { leases: {}, bridges: {}, lastIps: {} };
  try {
    return text === '' ? empty : { ...empty, ...(JSON.parse(text) as LeaseFile) };
  } catch {
    return empty;
  }
}
