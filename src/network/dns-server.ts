/** The DNS server of Podman's networks: where it is, and what it has to know of a container. */
import { existsSync } from 'node:fs';
import type { NetworkAttachment } from './attachment.ts';
import type { NetworkContext } from './context.ts';

export interface NamedContainer {
  /** 64 hex characters. */
  containerId: string;
  containerName: string;
  hostname: string;
  networks: Record<string, NetworkAttachment>;
  /** --dns: where the DNS server forwards this container's other questions. */
  dnsServers?: string[];
}

const usualDirs = ['/usr/local/libexec/podman', '/usr/local/lib/podman', '/usr/libexec/podman', '/usr/lib/podman'];

/** The DNS server program, or null when none is installed: then names are only in the hosts files. */
export function dnsServerProgram({ helperDirs = usualDirs }: NetworkContext): string | null {
  return helperDirs.map((folder) => `${folder}/aardvark-dns`).find((path) => existsSync(path)) ?? null;
}
