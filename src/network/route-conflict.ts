/** Another interface that already has a network's subnet: the kernel would send the container's packets there. */
import { TspodError } from '../errors.ts';
import { formatCidr, networkAddress, parseCidr } from './ip.ts';
import type { Network } from './network.ts';
import { hostRoutes, type Route } from './routes.ts';

/**
 * Typical is the bridge of an older Podman (`cni-podman0`), which has the same default subnet and stays when it is down.
 * Without this check a published port would accept connections and never answer.
 *
 * @throws NETWORK_FAILED that names the interface
 */
export function checkRoutes(networks: readonly Network[], routes = hostRoutes()): void {
  for (const { name, driver, subnets = [], network_interface: own } of networks) {
    if (driver !== 'bridge') continue;
    for (const { subnet } of subnets) {
      const other = interfaceOf(routes, subnet, own);
      if (other === undefined) continue;
      const hint = `remove it (ip link delete ${other}), or give the network another subnet`;
      const words = `network "${name}": the subnet ${subnet} belongs to the interface "${other}" of the host`;
      throw new TspodError('NETWORK_FAILED', words, { hint });
    }
  }
}

/** The interface, other than our own, with a route to exactly this IPv4 subnet. */
function interfaceOf(routes: Route[], text: string, own: string | undefined): string | undefined {
  const cidr = parseCidr(text);
  if (!cidr) return undefined;
  const wanted = formatCidr({ ip: networkAddress(cidr), prefix: cidr.prefix });
  return routes.find(({ interfaceName, subnet }) => interfaceName !== own && subnet === wanted)?.interfaceName;
}
