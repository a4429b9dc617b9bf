/** How a container is connected: what it wishes for, and what it got. */

export interface PortMapping {
  /** '' for all addresses. */
  hostIp: string;
  hostPort: number;
  containerPort: number;
  protocol: 'tcp' | 'udp' | 'sctp';
  /** Number of consecutive ports, at least 1. */
  range: number;
}

/** Per-network wishes of `--network name:ip=…,mac=…,alias=…` and `--ip`, `--mac-address`, `--network-alias`. */
export interface NetworkAttachment {
  staticIps?: string[];
  staticMac?: string;
  aliases?: string[];
  interfaceName?: string;
  options?: Record<string, string>;
}

/** One network of one running container. */
export interface NetworkStatus {
  interfaceName: string;
  macAddress: string;
  /** `10.88.0.2/16` and so on. */
  subnets: { ipnet: string; gateway: string }[];
  dnsServers: string[];
  dnsSearchDomains: string[];
}
