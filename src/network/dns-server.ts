/** The DNS server of Podman's networks: where it is, and what it has to know of a container. */
import { existsSync } from 'node:fs';
import type { NetworkAttachment } from './attachment.ts';

export interface NamedContainer {
  /** 64 hex characters. */
  containerId: string;
  containerName: string;
  hostname: string;
  networks: Record<string, NetworkAttachment>;
  /** --dns: where the DNS server forwards this container's other questions. */
  dnsServers?: string[];
}

const serverPaths = [
  '/usr/lib/podman/aardvark-dns',
  '/usr/libexec/podman/aardvark-dns',
  '/usr/local/lib/podman/aardvark-dns',
];

/** The DNS server program, or null when none is installed: then names are only in the hosts files. */
export function dnsServerProgram(): string | null {
  return serverPaths.find((path) => existsSync(path)) ?? null;
}
