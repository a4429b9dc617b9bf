/** Another interface that already has a network's subnet: the kernel would send the container's packets there. */
import { readFileSync } from 'node:fs';
import { TspodError } from '../errors.ts';
import { networkAddress, parseCidr } from './ip.ts';
import type { Network } from './network.ts';

/**
 * Typical is the bridge of an older Podman (`cni-podman0`), which has the same default subnet and stays when it is down.
 * Without this check a published port would accept connections and never answer.
 *
 * @throws NETWORK_FAILED that names the interface
 */
export function checkRoutes(networks: readonly Network[], table = readRoutes()): void {
  for (const { name, driver, subnets = [], network_interface: own } of networks) {
    if (driver !== 'bridge') continue;
    for (const { subnet } of subnets) {
      const other = interfaceOf(table, subnet, own);
      if (other === undefined) continue;
      const hint = `remove it (ip link delete ${other}), or give the network another subnet`;
      const words = `network "${name}": the subnet ${subnet} belongs to the interface "${other}" of the host`;
      throw new TspodError('NETWORK_FAILED', words, { hint });
    }
  }
}

function readRoutes(): string {
  try {
    return readFileSync('/proc/net/route', 'utf8');
  } catch {
    return ''; // a kernel without IPv4 has no conflict
  }
}

/** The interface, other than our own, with a route to exactly this IPv4 subnet. */
function interfaceOf(table: string, subnet: string, own: string | undefined): string | undefined {
  const cidr = parseCidr(subnet);
  if (!cidr || subnet.includes(':')) return undefined;
  const destination = littleEndianHex(networkAddress(cidr).value);
  const mask = littleEndianHex((0xffffffffn << BigInt(32 - cidr.prefix)) & 0xffffffffn);
  const routes = table.split('\n').map((line) => line.split('\t'));
  return routes.find(([name, to, , , , , , bits]) => name !== own && to === destination && bits === mask)?.[0];
}

/** As /proc/net/route writes addresses: `10.88.0.0` is `0000580A`. */
function littleEndianHex(value: bigint): string {
  const bytes = [0n, 8n, 16n, 24n].map((shift) => ((value >> shift) & 0xffn).toString(16).padStart(2, '0'));
  return bytes.join('').toUpperCase();
}
