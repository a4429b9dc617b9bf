/**
 * Drives aardvark-dns, Podman's DNS server: one file per network, re-read on SIGHUP. The first line has the addresses
 * it listens on and the network's own upstream servers; then one line per container: id, IPv4 and IPv6 addresses,
 * names, upstream servers. It ends by itself when no file is left.
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { hasErrno, messageOf, TspodError } from '../errors.ts';
import { writeFileAtomic } from '../system/atomic-file.ts';
import { withLock } from '../system/lock.ts';
import { run } from '../system/spawn.ts';
import type { NetworkContext } from './context.ts';
import { dnsServerProgram, type NamedContainer } from './dns-server.ts';
import { type Lease, leaseFolder } from './leases.ts';
import type { Network } from './network.ts';

/** Adds a container's names on these networks, and starts the server when it does not run. */
export function addNames(
  context: NetworkContext,
  networks: Network[],
  lease: Lease,
  container: NamedContainer,
): Promise<void> {
  return changeFiles(context, (folder) => {
    for (const network of networks) {
      const lines = [header(network), ...otherLines(folder, network.name, container.containerId)];
      lines.push(containerLine(network, lease, container));
      writeFileAtomic(`${folder}/${network.name}`, `${lines.join('\n')}\n`, { mode: 0o644, sync: false });
    }
    reload(context, folder);
  });
}

/** Takes a container out of these networks; a network without containers is served no longer. */
export function removeNames(context: NetworkContext, containerId: string, networks: string[]): Promise<void> {
  return changeFiles(context, (folder) => {
    let changed = false;
    for (const name of networks) changed = removeFrom(folder, name, containerId) || changed;
    if (changed) signal(folder);
  });
}

/** Rewrites the upstream servers of a network that is served now. */
export function updateHeader(context: NetworkContext, network: Network): Promise<void> {
  return changeFiles(context, (folder) => {
    const lines = otherLines(folder, network.name, '');
    if (lines.length === 0) return;
    writeFileAtomic(`${folder}/${network.name}`, `${[header(network), ...lines].join('\n')}\n`, { mode: 0o644 });
    signal(folder);
  });
}

function changeFiles(context: NetworkContext, change: (folder: string) => void): Promise<void> {
  const folder = `${leaseFolder(context)}/aardvark-dns`;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  return withLock(`${leaseFolder(context)}/dns.lock`, 'exclusive', () => change(folder));
}

function header(network: Network): string {
  const listen = (network.subnets ?? []).flatMap(({ gateway }) => gateway ?? []).join(',');
  return network.network_dns_servers?.length ? `${listen} ${network.network_dns_servers.join(',')}` : listen;
}

function containerLine(network: Network, lease: Lease, container: NamedContainer): string {
  const ips = lease.attachments[network.name]?.ips ?? [];
  const aliases = container.networks[network.name]?.aliases ?? [];
  const names = new Set([container.containerName, ...aliases, container.containerId.slice(0, 12), container.hostname]);
  const fields = [
    container.containerId,
    ips.filter((ip) => !ip.includes(':')).join(','),
    ips.filter((ip) => ip.includes(':')).join(','),
    [...names]
      .filter((name) => name !== '')
      .map((name) => name.toLowerCase())
      .join(','),
  ];
  return [...fields, ...(container.dnsServers?.length ? [container.dnsServers.join(',')] : [])].join(' ');
}

function otherLines(folder: string, network: string, containerId: string): string[] {
  const lines = readLines(`${folder}/${network}`).slice(1);
  return lines.filter((line) => containerId === '' || !line.startsWith(`${containerId} `));
}

function removeFrom(folder: string, network: string, containerId: string): boolean {
  const lines = readLines(`${folder}/${network}`);
  const kept = lines.filter((line) => !line.startsWith(`${containerId} `));
  if (kept.length === lines.length) return false;
  if (kept.length > 1) writeFileAtomic(`${folder}/${network}`, `${kept.join('\n')}\n`, { mode: 0o644, sync: false });
  else rmSync(`${folder}/${network}`, { force: true });
  return true;
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

function reload(context: NetworkContext, folder: string): void {
  if (!signal(folder)) start(context, folder);
}

/** True when a server runs and was told to read its files again. */
function signal(folder: string): boolean {
  const pid = Number(readLines(`${folder}/aardvark.pid`)[0] ?? 0);
  if (!pid || !isServer(pid)) return false;
  process.kill(pid, 'SIGHUP');
  return true;
}

function isServer(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('aardvark-dns');
  } catch {
    return false;
  }
}

/** It goes into the background itself once it listens, or says why it could not. */
function start(context: NetworkContext, folder: string): void {
  const program = dnsServerProgram(context);
  if (program === null) return;
  const port = String(context.conf.dnsBindPort || 53);
  const args = ['--config', folder, '--port', port, '--filter-search-domain', '.dns.podman', 'run'];
  try {
    const { status, stderr } = run({ file: program, args, ...(context.userNetns ? { netns: context.userNetns } : {}) });
    if (status !== 0) throw new Error(stderr.trim().split('\n').pop() ?? `exit code ${status}`);
  } catch (error) {
    throw new TspodError('NETWORK_FAILED', `starting aardvark-dns: ${messageOf(error)}`, { cause: error });
  }
}
