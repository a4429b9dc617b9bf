/** A network as templates see it: Go's names for the members of the definition. */
import { goStruct } from '../cli/template.ts';
import { goTime } from '../cli/units.ts';
import type { Network } from '../network/network.ts';

/** The row of `network ls`. */
export class NetworkRow {
  readonly #network: Network;
  readonly #trunc: boolean;

  constructor(network: Network, trunc: boolean) {
    this.#network = network;
    this.#trunc = trunc;
  }

  get ID() {
    return this.#trunc ? this.#network.id.slice(0, 12) : this.#network.id;
  }
  get Name() {
    return this.#network.name;
  }
  get Driver() {
    return this.#network.driver;
  }
  get NetworkInterface() {
    return this.#network.network_interface ?? '';
  }
  get Created() {
    return goTime(this.#network.created);
  }
  get Subnets() {
    return this.#network.subnets ?? [];
  }
  get Routes() {
    return this.#network.routes ?? [];
  }
  get IPv6Enabled() {
    return this.#network.ipv6_enabled;
  }
  get Internal() {
    return this.#network.internal;
  }
  get DNSEnabled() {
    return this.#network.dns_enabled;
  }
  get NetworkDNSServers() {
    return this.#network.network_dns_servers ?? [];
  }
  get Labels() {
    const pairs = Object.entries(this.#network.labels ?? {});
    return pairs.map(([key, value]) => `${key}=${value}`).join(',');
  }
  get Options() {
    return new Map(Object.entries(this.#network.options ?? {}));
  }
  get IPAMOptions() {
    return new Map(Object.entries(this.#network.ipam_options ?? {}));
  }
}

const names = {
  ID: 'id',
  NetworkInterface: 'network_interface',
  IPv6Enabled: 'ipv6_enabled',
  DNSEnabled: 'dns_enabled',
  NetworkDNSServers: 'network_dns_servers',
  IPAMOptions: 'ipam_options',
};

/** Marks a report of `network inspect` for templates. */
export function networkStruct<T extends Network>(report: T): T {
  for (const subnet of report.subnets ?? []) {
    goStruct(subnet, 'types.Subnet', { LeaseRange: 'lease_range' });
    if (subnet.lease_range) {
      goStruct(subnet.lease_range, 'types.LeaseRange', { StartIP: 'start_ip', EndIP: 'end_ip' });
    }
  }
  return goStruct(report, 'types.NetworkInspectReport', names);
}
