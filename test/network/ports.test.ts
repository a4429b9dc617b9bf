import { closeSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { PortMapping } from '../../src/network/attachment.ts';
import { reservePorts } from '../../src/network/ports.ts';
import { portElements } from '../../src/network/published.ts';

const port = (more: Partial<PortMapping>): PortMapping => ({
  hostIp: '',
  hostPort: 8080,
  containerPort: 80,
  protocol: 'tcp',
  range: 1,
  ...more,
});

let servers: Server[] = [];
afterEach(() => {
  for (const server of servers) server.close();
  servers = [];
});

function listening(): Promise<number> {
  const server = createServer();
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '0.0.0.0', () => resolve((server.address() as AddressInfo).port));
  });
}

test('a port that is in use is refused in the words of Podman, and nothing stays reserved', async () => {
  const used = await listening();
  const free = await listening();
  servers.pop()?.close();
  const ports = [port({ hostPort: free }), port({ hostPort: used })];
  expect(() => reservePorts(ports)).toThrow(
    expect.objectContaining({
      code: 'PORT_IN_USE',
      message: `cannot listen on the TCP port: listen tcp4 :${used}: bind: address already in use`,
    }),
  );
  for (const fd of reservePorts([port({ hostPort: free })])) closeSync(fd);
});

test('an address that the host does not have is named', () => {
  expect(() => reservePorts([port({ hostIp: '192.0.2.200', protocol: 'udp' })])).toThrow(
    'cannot listen on the UDP port: listen udp4 192.0.2.200:8080: bind: cannot assign requested address',
  );
});

test('every port of a range is reserved, sctp is not', () => {
  const fds = reservePorts([port({ hostPort: 47_100, range: 5 }), port({ protocol: 'sctp' })]);
  expect(fds).toHaveLength(5);
  for (const fd of fds) closeSync(fd);
});

test('a published port goes to the first address of each kind', () => {
  const addresses = ['10.88.0.2', 'fd00::2', '10.89.0.2'];
  expect(portElements([port({})], addresses)).toEqual([
    { set: 'ports4', key: 'tcp . 8080', value: '10.88.0.2 . 80' },
    { set: 'ports6', key: 'tcp . 8080', value: 'fd00::2 . 80' },
  ]);
  expect(portElements([port({ hostIp: '127.0.0.1', range: 2 })], addresses)).toEqual([
    { set: 'address_ports4', key: '127.0.0.1 . tcp . 8080', value: '10.88.0.2 . 80' },
    { set: 'address_ports4', key: '127.0.0.1 . tcp . 8081', value: '10.88.0.2 . 81' },
  ]);
  expect(portElements([port({ hostIp: '::' })], addresses)).toEqual([
    { set: 'ports6', key: 'tcp . 8080', value: 'fd00::2 . 80' },
  ]);
  expect(portElements([port({})], [])).toEqual([]);
});
