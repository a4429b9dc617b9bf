import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import type { NetworkStatus } from '../../src/network/attachment.ts';
import { type ResolvConfInput, resolvConf } from '../../src/network/resolv-conf.ts';

const folder = mkdtempSync('/tmp/tspod-resolv-');
afterAll(() => rmSync(folder, { recursive: true }));

interface Wish {
  host: string;
  mode?: string;
  config?: Partial<ResolvConfInput['config']>;
  conf?: Partial<ResolvConfInput['conf']['containers']>;
  networks?: Record<string, Partial<NetworkStatus>>;
}

function make({ host, mode = 'bridge', config, conf, networks = {} }: Wish): string {
  writeFileSync(`${folder}/resolv.conf`, host);
  const full = Object.entries(networks).map(([name, status]) => [
    name,
    { interfaceName: 'eth0', macAddress: '', subnets: [], dnsServers: [], dnsSearchDomains: [], ...status },
  ]);
  return resolvConf({
    config: { network: { mode }, dnsServers: [], dnsSearch: [], dnsOptions: [], ...config },
    conf: { containers: { dnsServers: [], dnsSearches: [], dnsOptions: [], ...conf } },
    networks: Object.fromEntries(full),
    hostFile: `${folder}/resolv.conf`,
  });
}

const host = '# comment\nsearch example.org corp\nnameserver 192.0.2.53\noptions ndots:2\n';

test('the settings of the host are taken over', () => {
  expect(make({ host })).toBe('search example.org corp\nnameserver 192.0.2.53\noptions ndots:2\n');
});

test('servers on the loopback of the host, of IPv6 and with a zone are left out for a container without IPv6', () => {
  const text =
    'nameserver 127.0.0.1\nnameserver ::1\nnameserver fd00::53\nnameserver fe80::1%eth0\nnameserver 192.0.2.53\n';
  expect(make({ host: text })).toBe('nameserver 192.0.2.53\n');
  const subnets = [{ ipnet: 'fd00::2/64', gateway: 'fd00::1' }];
  expect(make({ host: text, networks: { six: { subnets } } })).toBe('nameserver fd00::53\nnameserver 192.0.2.53\n');
});

test('public servers stand in when nothing is left', () => {
  expect(make({ host: 'nameserver 127.0.0.11\n' })).toBe('nameserver 8.8.8.8\nnameserver 8.8.4.4\n');
});

test('with the network of the host its file is used as it is', () => {
  expect(make({ host: 'nameserver 127.0.0.53\n', mode: 'host' })).toBe('nameserver 127.0.0.53\n');
});

test('--dns, --dns-search and --dns-option replace the settings of the host, those of containers.conf come first', () => {
  const config = { dnsServers: ['1.1.1.1'], dnsSearch: ['a.b'], dnsOptions: ['debug'] };
  const conf = { dnsServers: ['9.9.9.9'], dnsSearches: ['c.d'], dnsOptions: ['rotate'] };
  expect(make({ host, config, conf })).toBe(
    'search c.d a.b\nnameserver 9.9.9.9\nnameserver 1.1.1.1\noptions rotate debug\n',
  );
});

test('--dns-search . takes all domains away', () => {
  expect(make({ host, config: { dnsSearch: ['.'] } })).toBe('nameserver 192.0.2.53\noptions ndots:2\n');
});

test('the DNS server of a network is the only one named, and its domain comes first', () => {
  const networks = { web: { dnsServers: ['10.89.0.1'], dnsSearchDomains: ['dns.podman'] } };
  expect(make({ host, networks, config: { dnsServers: ['1.1.1.1'] } })).toBe(
    'search dns.podman example.org corp\nnameserver 10.89.0.1\noptions ndots:2\n',
  );
});

test('a missing file of the host is as good as an empty one', () => {
  rmSync(`${folder}/resolv.conf`, { force: true });
  const input = {
    config: { network: { mode: 'host' }, dnsServers: [], dnsSearch: [], dnsOptions: [] },
    conf: { containers: { dnsServers: [], dnsSearches: [], dnsOptions: [] } },
    networks: {},
    hostFile: `${folder}/none`,
  };
  expect(resolvConf(input)).toBe('');
});
