/**
 * A network definition: the JSON that Podman keeps as NETWORK.json, and prints with `network inspect`. Names and
 * order of the members are those of the file; a member that may be missing is left out when empty.
 */
export interface Network {
  name: string;
  /** 64 hex characters. */
  id: string;
  driver: string;
  /** Bridge, or parent interface of macvlan and ipvlan. */
  network_interface?: string;
  /** RFC 3339. */
  created: string;
  subnets?: Subnet[];
  routes?: Route[];
  ipv6_enabled: boolean;
  internal: boolean;
  dns_enabled: boolean;
  network_dns_servers?: string[];
  labels?: Record<string, string>;
  options?: Record<string, string>;
  ipam_options?: Record<string, string>;
}

export interface Subnet {
  /** CIDR without host bits. */
  subnet: string;
  gateway?: string;
  lease_range?: LeaseRange;
}

export interface LeaseRange {
  start_ip?: string;
  end_ip?: string;
}

export interface Route {
  destination: string;
  gateway: string;
  metric?: number;
}

/** What Podman accepts as the name of a network, volume, container and so on. */
export const NAME_PATTERN = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** The id that Podman gives its default network, the same everywhere. */
export const DEFAULT_NETWORK_ID = '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9';

/** The definition with its members in the order of Podman's file, and without empty optional ones. */
export function orderedNetwork(network: Network): Network {
  const { name, id, driver, created, ipv6_enabled, internal, dns_enabled } = network;
  return {
    name,
    id,
    driver,
    ...(network.network_interface ? { network_interface: network.network_interface } : {}),
    created,
    ...(network.subnets?.length ? { subnets: network.subnets.map(orderedSubnet) } : {}),
    ...(network.routes?.length ? { routes: network.routes } : {}),
    ipv6_enabled,
    internal,
    dns_enabled,
    ...(network.network_dns_servers?.length ? { network_dns_servers: network.network_dns_servers } : {}),
    ...optionalMap('labels', network.labels),
    ...optionalMap('options', network.options),
    ...optionalMap('ipam_options', network.ipam_options),
  };
}

function orderedSubnet({ subnet, gateway, lease_range }: Subnet): Subnet {
  return { subnet, ...(gateway ? { gateway } : {}), ...(lease_range ? { lease_range } : {}) };
}

/** Go prints maps with sorted keys. */
function optionalMap<K extends string>(key: K, map: Record<string, string> | undefined) {
  const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length > 0 ? ({ [key]: Object.fromEntries(entries) } as Record<K, Record<string, string>>) : {};
}
