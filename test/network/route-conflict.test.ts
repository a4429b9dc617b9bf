import { expect, test } from 'vitest';
import type { Network } from '../../src/network/network.ts';
import { checkRoutes } from '../../src/network/route-conflict.ts';
import { hostRoutes } from '../../src/network/routes.ts';

const routes = hostRoutes(
  [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0',
    'cni-podman0\t0000580A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
  ].join('\n'),
);

const network = (subnet: string, own: string) =>
  ({ name: 'podman', driver: 'bridge', network_interface: own, subnets: [{ subnet }] }) as Network;

test('a subnet that another interface has is refused with its name', () => {
  const refused = () => checkRoutes([network('10.88.0.0/16', 'podman0')], routes);
  expect(refused).toThrow(
    'network "podman": the subnet 10.88.0.0/16 belongs to the interface "cni-podman0" of the host',
  );
});

test('our own bridge, and subnets that only overlap, are no conflict', () => {
  checkRoutes([network('10.88.0.0/16', 'cni-podman0'), network('10.88.1.0/24', 'podman1')], routes);
  checkRoutes([network('fd00::/64', 'podman2')], routes);
  expect(() => checkRoutes([network('10.88.0.0/16', 'podman0')], hostRoutes(''))).not.toThrow();
});
