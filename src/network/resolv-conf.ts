/** The resolv.conf of a container: the wishes of the user, else the networks' DNS servers, else the host's file. */
import { existsSync, readFileSync } from 'node:fs';
import { hasErrno } from '../errors.ts';
import type { NetworkStatus } from './attachment.ts';
import type { Uplink } from './uplink.ts';

export interface ResolvConfInput {
  config: {
    network: { mode: string; path?: string };
    dnsServers: string[];
    dnsSearch: string[];
    dnsOptions: string[];
  };
  networks: Record<string, NetworkStatus>;
  /** The program that connects the container, or the namespace that its bridges are in, to the host. */
  uplink?: Uplink | null | undefined;
  conf: { containers: { dnsServers: string[]; dnsSearches: string[]; dnsOptions: string[] } };
  /** The host's file; for tests. */
  hostFile?: string;
}

/** The content of the file. Order and rules as in Podman: docs/networks.md. */
export function resolvConf(input: ResolvConfInput): string {
  const { config, conf } = input;
  const statuses = Object.values(input.networks);
  const fromNetworks = statuses.flatMap((status) => status.dnsServers);
  // A network's DNS server forwards to what --dns says, so it alone is named.
  const wished = fromNetworks.length > 0 ? fromNetworks : [...conf.containers.dnsServers, ...config.dnsServers];
  const search = [...conf.containers.dnsSearches, ...config.dnsSearch];
  const options = [...conf.containers.dnsOptions, ...config.dnsOptions];
  const host = hostConf(input, statuses);
  return build({
    // The forwarder of pasta or slirp4netns goes first.
    servers: wished.length > 0 ? wished : [...(input.uplink?.dnsServers ?? []), ...host.servers],
    search:
      search.length > 0 ? withoutDot(search) : [...statuses.flatMap((each) => each.dnsSearchDomains), ...host.search],
    options: options.length > 0 ? options : host.options,
  });
}

interface Conf {
  servers: string[];
  search: string[];
  options: string[];
}

/** Where the real servers are when the host's file names only a local one, which containers cannot reach. */
const behindLocal: Record<string, string> = {
  '127.0.0.53': '/run/systemd/resolve/resolv.conf',
  '127.0.0.1': '/run/NetworkManager/no-stub-resolv.conf',
};

function hostConf({ config, hostFile, uplink }: ResolvConfInput, statuses: NetworkStatus[]): Conf {
  const conf = parseFile(hostFile ?? namespaceFile(config.network) ?? '/etc/resolv.conf');
  if (config.network.mode === 'host') return conf;
  const [only = '', ...more] = conf.servers;
  const real = more.length === 0 ? behindLocal[only] : undefined;
  const found = real !== undefined && existsSync(real) ? parseFile(real) : conf;
  const own = [...statuses.flatMap(({ subnets }) => subnets.map(({ ipnet }) => ipnet)), ...(uplink?.addresses ?? [])];
  const ipv6 = own.some((address) => address.includes(':'));
  const servers = found.servers.filter(
    (server) => !isLoopback(server) && (!server.includes(':') || (ipv6 && !server.includes('%'))),
  );
  return { ...found, servers: servers.length > 0 ? servers : publicServers(ipv6) };
}

/** The file that `ip netns` keeps for a namespace with a name. */
function namespaceFile(network: { mode: string; path?: string }): string | null {
  if (network.mode !== 'path' || network.path === undefined || network.path.startsWith('/proc/')) return null;
  const path = `/etc/netns/${network.path.slice(network.path.lastIndexOf('/') + 1)}/resolv.conf`;
  return existsSync(path) ? path : null;
}

function parseFile(path: string): Conf {
  const conf: Conf = { servers: [], search: [], options: [] };
  for (const line of readText(path).split('\n')) {
    const [word, ...values] = line.replace(/#.*/, '').trim().split(/\s+/);
    if (word === 'nameserver' && values[0]) conf.servers.push(values[0]);
    if (word === 'search') conf.search = values;
    if (word === 'options') conf.options = values;
  }
  return conf;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return '';
    throw error;
  }
}

function isLoopback(server: string): boolean {
  return server.startsWith('127.') || server === '::1';
}

function publicServers(ipv6: boolean): string[] {
  return ['8.8.8.8', '8.8.4.4', ...(ipv6 ? ['2001:4860:4860::8888', '2001:4860:4860::8844'] : [])];
}

/** `--dns-search .` takes all domains away. */
function withoutDot(search: string[]): string[] {
  return search.includes('.') ? [] : search;
}

/** Settings that come from both the configuration and the command line stand there once. */
function build(conf: Conf): string {
  const servers = [...new Set(conf.servers)];
  const search = [...new Set(conf.search)];
  const options = [...new Set(conf.options)];
  const lines = [
    ...(search.length > 0 && search.join(' ').trim() !== '.' ? [`search ${search.join(' ')}`] : []),
    ...servers.map((server) => `nameserver ${server}`),
    ...(options.length > 0 ? [`options ${options.join(' ')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
