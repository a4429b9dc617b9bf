/** What the network part works on. src/engine.ts makes one per call from containers.conf and the command line. */
import type { EnginePaths } from '../config/paths.ts';

/** A range from which subnets of new networks are taken (containers.conf network.default_subnet_pools). */
export interface SubnetPool {
  /** CIDR. */
  base: string;
  /** Prefix length of each subnet taken from it. */
  size: number;
}

/** The `[network]` table of containers.conf; what is not set there has Podman's default. */
export interface NetworkSettings {
  /** Name of the network used when none is asked for: `podman`. */
  defaultNetwork?: string | undefined;
  /** Its subnet: `10.88.0.0/16`. */
  defaultSubnet?: string | undefined;
  defaultSubnetPools?: SubnetPool[] | undefined;
  /** `nftables` (default), `none`: no rules are made. */
  firewallDriver?: string | undefined;
  /** Options for every pasta, before those of --network. */
  pastaOptions?: string[] | undefined;
  /** Port of the DNS server on the bridges, 0 or unset: 53. */
  dnsBindPort?: number | undefined;
}

export interface NetworkContext {
  readonly paths: Pick<EnginePaths, 'networkConfigDir' | 'networkRunDir' | 'netnsDir'>;
  readonly conf: NetworkSettings;
  /** Path of the network namespace that a user's bridges are in; undefined: those of root are where this process is. */
  readonly userNetns?: string | undefined;
  /** Where aardvark-dns, pasta and slirp4netns are looked for (containers.conf engine.helper_binaries_dir). */
  readonly helperDirs?: readonly string[];
}

/** The name of the default network of this engine. */
export function defaultNetworkName(context: NetworkContext): string {
  return context.conf.defaultNetwork || 'podman';
}
