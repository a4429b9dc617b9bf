/** The hosts file of a container: --add-host, the base file, loopback, the host, and the container itself. */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { hasErrno, TspodError } from '../errors.ts';
import type { NetworkStatus } from './attachment.ts';
import type { Uplink } from './uplink.ts';

export interface HostsInput {
  config: {
    name: string;
    hostname: string;
    network: { mode: string };
    /** `name[;name...]:ip`, ip may be `host-gateway`. */
    addHosts: string[];
    /** --hosts-file: a path, `none` or `image`; '' for what the configuration says. */
    hostsFile: string;
  };
  networks: Record<string, NetworkStatus>;
  /** The program that connects the container, or the namespace that its bridges are in, to the host. */
  uplink?: Uplink | null | undefined;
  conf: { containers: { baseHostsFile: string; hostContainersInternalIp: string } };
  /** Reads a file inside the container's root, for `image`. */
  readInImage?: (path: string) => string | null;
}

export interface HostEntry {
  ip: string;
  names: string[];
}

/** The content of the file. Throws BAD_ARGUMENT for an entry of --add-host that cannot be used. */
export function hosts(input: HostsInput): string {
  const hostIp = hostAddress(input);
  const first = [...input.config.addHosts.map((entry) => parseAddHost(entry, hostIp)), ...baseEntries(input)];
  const taken = new Set(first.flatMap((entry) => entry.names));
  const own = [
    { ip: '127.0.0.1', names: ['localhost'] },
    { ip: '::1', names: ['localhost'] },
    ...(hostIp === '' ? [] : [{ ip: hostIp, names: ['host.containers.internal', 'host.docker.internal'] }]),
    ...ownEntries(input),
  ];
  // A name that the user or the base file gave an address keeps it.
  const added = own.map(({ ip, names }) => ({ ip, names: names.filter((name) => !taken.has(name)) }));
  return [...first, ...added]
    .filter(({ names }) => names.length > 0)
    .map(formatEntry)
    .join('');
}

/** One line of the file. */
export function formatEntry({ ip, names }: HostEntry): string {
  return `${ip}\t${names.join(' ')}\n`;
}

function ownEntries({ config, networks, uplink }: HostsInput): HostEntry[] {
  const names = [...new Set([config.hostname, config.name])].filter((name) => name !== '');
  if (config.network.mode === 'none') return [{ ip: '127.0.0.1', names }];
  if (config.network.mode === 'pasta' || config.network.mode === 'slirp4netns') {
    return (uplink?.addresses ?? []).slice(0, 1).map((ip) => ({ ip, names }));
  }
  if (config.network.mode !== 'bridge') return [];
  const ips = Object.values(networks).flatMap((status) => status.subnets.map(({ ipnet }) => ipnet.replace(/\/.*/, '')));
  return ips.map((ip) => ({ ip, names }));
}

/** The address under which a container reaches the host: its gateway, else the host's own address. */
function hostAddress({ conf, networks, uplink }: HostsInput): string {
  const configured = conf.containers.hostContainersInternalIp;
  if (configured !== '') return configured === 'none' ? '' : configured;
  // The gateway of a user's bridge is not the host, and an address that the namespace has too leads nowhere.
  if (uplink) return uplink.hostIp ?? ownAddress(uplink.addresses);
  const gateways = Object.values(networks).flatMap((each) => each.subnets.flatMap(({ gateway }) => gateway || []));
  return gateways.find((gateway) => !gateway.includes(':')) ?? gateways[0] ?? ownAddress([]);
}

function ownAddress(except: string[]): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const usable = all.filter(
    ({ internal, address }) => !internal && !/^(169\.254\.|fe80:)/.test(address) && !except.includes(address),
  );
  return (usable.find(({ family }) => family === 'IPv4') ?? usable[0])?.address ?? '';
}

function parseAddHost(entry: string, hostIp: string): HostEntry {
  const colon = entry.indexOf(':');
  const fail = (why: string) => new TspodError('BAD_ARGUMENT', why);
  if (colon < 0) throw fail(`unable to parse host entry "${entry}": incorrect format`);
  const [names, ip] = [entry.slice(0, colon), entry.slice(colon + 1)];
  if (names === '') throw fail(`hostname in host entry "${entry}" is empty`);
  if (ip === '') throw fail(`IP address in host entry "${entry}" is empty`);
  if (ip === 'host-gateway' && hostIp === '') {
    throw fail(
      `unable to replace "host-gateway" of host entry "${entry}": host containers internal IP address is empty`,
    );
  }
  return { ip: ip === 'host-gateway' ? hostIp : ip, names: names.split(';') };
}

function baseEntries({ config, conf, readInImage }: HostsInput): HostEntry[] {
  const base = config.hostsFile || conf.containers.baseHostsFile || '/etc/hosts';
  if (base === 'none') return [];
  if (base === 'image') return parseHosts(readInImage?.('/etc/hosts') ?? '');
  try {
    return parseHosts(readFileSync(base, 'utf8'));
  } catch (error) {
    if (base === '/etc/hosts' && hasErrno(error, 'ENOENT')) return [];
    throw error;
  }
}

/** Entries of a hosts file, without comments. */
export function parseHosts(text: string): HostEntry[] {
  return text.split('\n').flatMap((line) => {
    const [ip = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/);
    return names.length > 0 ? [{ ip, names }] : [];
  });
}
