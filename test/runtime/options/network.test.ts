import { expect, test } from 'vitest';
import type { Container } from '../../../src/runtime/container.ts';
import { configOf, refusal } from './command-line.ts';

test.each([
  [[], { mode: 'bridge' }, { podman: {} }],
  [['--network', 'none'], { mode: 'none' }, {}],
  [['--net', 'host'], { mode: 'host' }, {}],
  [['--network', 'ns:/run/x'], { mode: 'path', path: '/run/x' }, {}],
  [['--network', 'one,two'], { mode: 'bridge' }, { one: {}, two: {} }],
  [
    ['--network', 'one:ip=10.0.0.5,mac=92:D0:C6:0A:29:33,alias=a,alias=b,x=y', '--network', 'two'],
    { mode: 'bridge' },
    {
      one: { staticIps: ['10.0.0.5'], staticMac: '92:d0:c6:0a:29:33', aliases: ['a', 'b'], options: { x: 'y' } },
      two: {},
    },
  ],
  [
    ['--ip', '10.88.0.9', '--mac-address', '92-d0-c6-0a-29-33', '--network-alias', 'web'],
    { mode: 'bridge' },
    {
      podman: { staticIps: ['10.88.0.9'], staticMac: '92:d0:c6:0a:29:33', aliases: ['web'] },
    },
  ],
  [['--network', 'pasta:-t,auto'], { mode: 'pasta', options: ['-t', 'auto'] }, {}],
])('%j', async (argv, network, networks) => {
  expect(await configOf(argv)).toMatchObject({ network, networks });
});

test.each([
  [
    ['--network', 'none', '--network', 'x'],
    'cannot set multiple networks without bridge network mode, selected mode none: invalid argument',
  ],
  [
    ['--network', 'x', '--network', 'host'],
    'can only set extra network names, selected mode host conflicts with bridge: invalid argument',
  ],
  [['--network', 'x:ip=nope'], 'invalid option for network x: invalid ip address "nope"'],
  [['--network', 'none', '--ip', '10.0.0.1'], '--ip can only be set when the network mode is bridge: invalid argument'],
  [
    ['--network', 'a', '--network', 'b', '--ip', '10.0.0.1'],
    '--ip can only be set for a single network: invalid argument',
  ],
  [['--ip', 'x'], '"x" is not an ip address'],
  [['--network', 'none', '--dns', '1.1.1.1'], 'conflicting options: dns and the network mode: none'],
  [['--dns', 'x'], 'x is not an ip address'],
  [['--dns', 'none', '--dns', '1.1.1.1'], 'none is not allowed to be specified with other DNS ip addresses'],
  [['--dns-search', '-bad-'], '-bad- is not a valid domain'],
  [['--no-hosts', '--add-host', 'a:1.2.3.4'], '--no-hosts and --add-host cannot be set together'],
  [['--add-host', 'a'], 'bad format for add-host: "a"'],
  [['--add-host', 'a:b'], 'invalid IP address in add-host: "b"'],
  [['--add-host', 'a;;b:1.2.3.4'], 'hostname in add-host "a;;b:1.2.3.4" is empty'],
  [
    ['--network', 'container:nosuch'],
    'looking up container to share net namespace with: no container with name or ID "nosuch" found: no such container',
  ],
  [['--pid', 'what'], 'unrecognized namespace mode what passed'],
])('%j is refused', async (argv, message) => {
  expect(await refusal(argv)).toBe(message);
});

test.each([
  ['80', { hostIp: '', hostPort: expect.any(Number), containerPort: 80, protocol: 'tcp', range: 1 }],
  ['8080:80/udp', { hostIp: '', hostPort: 8080, containerPort: 80, protocol: 'udp', range: 1 }],
  ['127.0.0.1:8080-8082:80-82', { hostIp: '127.0.0.1', hostPort: 8080, containerPort: 80, protocol: 'tcp', range: 3 }],
  ['0.0.0.0:1:2', { hostIp: '', hostPort: 1, containerPort: 2, protocol: 'tcp', range: 1 }],
  ['[::1]:8080:80', { hostIp: '::1', hostPort: 8080, containerPort: 80, protocol: 'tcp', range: 1 }],
])('-p %s', async (publish, port) => {
  const { ports } = await configOf(['-p', publish]);
  expect(ports).toEqual([port]);
  expect(ports[0]?.hostPort).toBeGreaterThan(0);
});

test.each([
  ['', 'must provide a non-empty container port to publish'],
  ['0:80', 'parsing host port: port numbers must be between 1 and 65535 (inclusive), got 0'],
  ['70000', 'parsing container port: port numbers must be between 1 and 65535 (inclusive), got 70000'],
  ['a:80', 'parsing host port: invalid port number: strconv.Atoi: parsing "a": invalid syntax'],
  ['80-81:80', 'host and container port ranges have different lengths: 2 vs 1'],
  [
    '81-80:1-2',
    'parsing host port: the end port of a range must be higher than the start port - 80 is not higher than 81',
  ],
  ['80/tcp/udp', 'invalid port format - protocol can only be specified once'],
  ['80/what', 'unrecognized protocol "what" in port mapping'],
  ['1:2:3:4', 'invalid port format - format is [[hostIP:]hostPort:]containerPort'],
  ['nohost:1:2', 'cannot parse "nohost" as an IP address'],
  ['[::1]80', "invalid port format - IPv6 address must be followed by a colon (':')"],
])('-p %s is refused', async (publish, message) => {
  // As one value: an empty one would vanish in a comma separated list.
  const { parsePublish } = await import('../../../src/runtime/options/ports.ts');
  expect(() => parsePublish(publish)).toThrow(message);
});

test('neighbouring ports are joined, overlapping ones refused', async () => {
  const { ports } = await configOf(['-p', '8081:81', '-p', '8080:80', '-p', '9000:90/udp']);
  expect(ports).toEqual([
    { hostIp: '', hostPort: 8080, containerPort: 80, protocol: 'tcp', range: 2 },
    { hostIp: '', hostPort: 9000, containerPort: 90, protocol: 'udp', range: 1 },
  ]);
  expect(await refusal(['-p', '80:80', '-p', '80:81'])).toBe(
    'conflicting port mappings for host port 80 (protocol tcp)',
  );
});

test('-P publishes what is exposed and not published yet', async () => {
  const image = { ExposedPorts: { '80/tcp': {}, '53/udp': {} } };
  const config = await configOf(['-P', '--expose', '90-91', '-p', '8080:80'], { image });
  expect(config.exposedPorts).toEqual(['53/udp', '80/tcp', '90/tcp', '91/tcp']);
  expect(config.ports.map(({ containerPort, protocol }) => `${containerPort}/${protocol}`).sort()).toEqual([
    '53/udp',
    '80/tcp',
    '90/tcp',
    '91/tcp',
  ]);
  expect(new Set(config.ports.map(({ hostPort }) => hostPort)).size).toBe(4);
});

test("the host name is given, made of the id, or the machine's", async () => {
  const config = await configOf([]);
  expect(config.hostname).toBe(config.id.slice(0, 12));
  expect(await configOf(['-h', 'me'])).toMatchObject({ hostname: 'me', hostnameSet: true });
  expect((await configOf(['--network', 'host'])).hostname).toBe('machine');
  expect(await refusal(['--uts', 'host', '-h', 'me'])).toContain(
    'cannot set hostname when running in the host UTS namespace',
  );
});

test('namespaces of other containers are joined by id', async () => {
  const other = await configOf(['--name', 'other']);
  const containers = [{ config: other } as Container];
  const mode = { mode: 'container', id: other.id };
  const argv = ['--pid', '--ipc', '--uts', '--network'].flatMap((flag) => [flag, 'container:other']);
  expect(await configOf(argv, { containers })).toMatchObject({ pid: mode, ipc: mode, uts: mode, network: mode });
  const closed = await configOf(['--name', 'other', '--ipc', 'private']);
  expect(await refusal(['--ipc', 'container:other'], { containers: [{ config: closed } as Container] })).toContain(
    'non-shareable IPC',
  );
});

test("a user namespace is one of its own with maps, the host's without", async () => {
  expect((await configOf(['--userns', 'host'])).userns).toEqual({ mode: 'host' });
  const config = await configOf(['--uidmap', '0:5000:10']);
  expect(config.userns).toEqual({ mode: 'private' });
  const map = [{ containerID: 0, hostID: 5000, size: 10 }];
  expect(config.idMaps).toEqual({ uids: map, gids: map });
  expect(await refusal(['--userns', 'nomap'])).toBe('nomap is only supported in rootless mode');
  expect(await refusal(['--userns', 'keep-id', '--uidmap', '0:1:1'])).toContain('mutually exclusive');
  expect(await refusal(['--userns', 'keep-id:color=5'])).toBe('unknown option specified: "color=5"');
});
