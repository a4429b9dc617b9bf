/** Host name, name servers and the hosts file. */

import type { ContainerConfig } from '../container.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { isIP } from './ip.ts';
import type { Namespaces } from './namespaces.ts';
import type { NetworkChoice } from './network.ts';

type Names = Pick<
  ContainerConfig,
  'addHosts' | 'dnsOptions' | 'dnsSearch' | 'dnsServers' | 'hostsFile' | 'noHostname' | 'noHosts' | 'noResolvConf'
>;

export function buildNames(input: BuildInput, { network }: NetworkChoice): Names {
  const { options, conf } = input;
  checkConflicts(input, network.mode);
  const servers = options.dns.filter((server) => server !== 'none');
  return {
    dnsServers: servers.length > 0 ? servers : conf.containers.dnsServers,
    dnsSearch: options.dnsSearch.length > 0 ? options.dnsSearch : conf.containers.dnsSearches,
    dnsOptions: options.dnsOption.length > 0 ? options.dnsOption : conf.containers.dnsOptions,
    addHosts: options.addHost,
    noHosts: options.given.has('no-hosts') ? options.noHosts : conf.containers.noHosts && options.addHost.length === 0,
    noResolvConf: options.dns.includes('none'),
    noHostname: options.noHostname,
    hostsFile: options.hostsFile ?? '',
  };
}

function checkConflicts({ options }: BuildInput, mode: string): void {
  for (const entry of options.addHost) checkAddHost(entry);
  if (options.dns.includes('none') && options.dns.length > 1) {
    badArgument('none is not allowed to be specified with other DNS ip addresses');
  }
  const bad = options.dns.find((server) => server !== 'none' && !isIP(server));
  if (bad !== undefined) badArgument(`${bad} is not an ip address`);
  for (const domain of options.dnsSearch) checkDomain(domain, options.dnsSearch);
  const dns = ['dns', 'dns-option', 'dns-search'].some((flag) => options.given.has(flag));
  if (dns && (mode === 'none' || mode === 'container'))
    badArgument(`conflicting options: dns and the network mode: ${mode}`);
  if (options.noHosts && options.given.has('add-host')) badArgument('--no-hosts and --add-host cannot be set together');
  if (options.noHosts && options.given.has('hosts-file'))
    badArgument('--no-hosts and --hosts-file cannot be set together');
  if (mode === 'container' && options.addHost.length > 0) {
    badArgument(
      'invalid config provided: cannot set extra host entries when the container is joined to another containers network namespace: invalid configuration',
    );
  }
}

/** `name[;name...]:ip` */
function checkAddHost(entry: string): void {
  const at = entry.indexOf(':');
  const [names, ip] = [entry.slice(0, Math.max(at, 0)), entry.slice(at + 1)];
  if (at < 1) badArgument(`bad format for add-host: ${JSON.stringify(entry)}`);
  if (names.split(';').includes('')) badArgument(`hostname in add-host ${JSON.stringify(entry)} is empty`);
  if (ip !== 'host-gateway' && !isIP(ip.trim())) badArgument(`invalid IP address in add-host: ${JSON.stringify(ip)}`);
}

function checkDomain(domain: string, all: string[]): void {
  if (domain === '.') {
    if (all.length > 1) badArgument("cannot pass additional search domains when also specifying '.'");
    return;
  }
  const label = '[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?';
  const valid = new RegExp(`^${label}(\\.${label})*\\.?\\s*$`).test(domain) && /[a-zA-Z]/.test(domain);
  if (!valid || domain.length > 255) badArgument(`${domain} is not a valid domain`);
}

/** The host name: given, or the id's first 12 characters, or the host's where its namespace is shared. */
export function buildHostname(
  input: BuildInput,
  { id, name, network, uts }: { id: string; name: string; network: NetworkChoice['network'] } & Pick<Namespaces, 'uts'>,
): string {
  const { options, conf, host } = input;
  if (options.hostname) {
    if (uts.mode === 'private') return options.hostname;
    const words = 'invalid config provided: cannot set hostname when running in the host UTS namespace';
    return badArgument(`${words}: invalid configuration`);
  }
  if (uts.mode === 'container') return input.findContainer(uts.id).config.hostname;
  if (uts.mode === 'host' || network.mode === 'host') return host.hostname;
  return conf.containers.containerNameAsHostname ? name.replaceAll('_', '') : id.slice(0, 12);
}
