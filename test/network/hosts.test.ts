import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, expect, test } from 'vitest';
import { type HostsInput, hosts } from '../../src/network/hosts.ts';

const folder = mkdtempSync('/tmp/tspod-hosts-');
afterAll(() => rmSync(folder, { recursive: true }));

const networks = {
  podman: {
    interfaceName: 'eth0',
    macAddress: '',
    subnets: [{ ipnet: '10.88.0.5/16', gateway: '10.88.0.1' }],
    dnsServers: [],
    dnsSearchDomains: [],
  },
};

function make(config: Partial<HostsInput['config']> = {}, more: Partial<HostsInput> = {}): string {
  const base = { name: 'web', hostname: 'abc123', network: { mode: 'bridge' }, addHosts: [], hostsFile: 'none' };
  const conf = { containers: { baseHostsFile: '', hostContainersInternalIp: '' } };
  return hosts({ config: { ...base, ...config }, networks, conf, ...more });
}

test('loopback, the host under its two names, and the container under hostname and name', () => {
  expect(make()).toBe(
    '127.0.0.1\tlocalhost\n::1\tlocalhost\n10.88.0.1\thost.containers.internal host.docker.internal\n10.88.0.5\tabc123 web\n',
  );
});

test('--add-host comes first and keeps its names, also several of them', () => {
  const lines = make({ addHosts: ['db;store:192.0.2.7', 'web:192.0.2.8', 'me:host-gateway'] }).split('\n');
  expect(lines.slice(0, 3)).toEqual(['192.0.2.7\tdb store', '192.0.2.8\tweb', '10.88.0.1\tme']);
  expect(lines).toContain('10.88.0.5\tabc123');
});

test('the base file is taken over without its comments', () => {
  writeFileSync(`${folder}/hosts`, '# x\n192.0.2.9 printer  lp # y\n127.0.0.1 localhost\n\nlonely\n');
  const text = make({ hostsFile: `${folder}/hosts` });
  expect(text.startsWith('192.0.2.9\tprinter lp\n127.0.0.1\tlocalhost\n10.88.0.1\t')).toBe(true);
});

test('the file of the image is asked for by name', () => {
  const text = make({ hostsFile: 'image' }, { readInImage: (path) => `192.0.2.1 from${path}\n` });
  expect(text.startsWith('192.0.2.1\tfrom/etc/hosts\n')).toBe(true);
});

test('without a network the names are on the loopback, in the network of the host they are left out', () => {
  expect(make({ network: { mode: 'none' } }, { networks: {} })).toContain('127.0.0.1\tabc123 web\n');
  expect(make({ network: { mode: 'host' } }, { networks: {} })).not.toContain('web');
});

test('host_containers_internal_ip is taken, and none leaves the names out', () => {
  const conf = (ip: string) => ({ conf: { containers: { baseHostsFile: '', hostContainersInternalIp: ip } } });
  expect(make({}, conf('192.0.2.99'))).toContain('192.0.2.99\thost.containers.internal');
  expect(make({}, conf('none'))).not.toContain('host.containers.internal');
  expect(() => make({ addHosts: ['x:host-gateway'] }, conf('none'))).toThrow('unable to replace "host-gateway"');
});

test.each([
  ['db', 'unable to parse host entry "db": incorrect format'],
  [':1.2.3.4', 'hostname in host entry ":1.2.3.4" is empty'],
  ['db:', 'IP address in host entry "db:" is empty'],
])('--add-host %s is refused', (entry, message) => {
  expect(() => make({ addHosts: [entry] })).toThrow(message);
});
