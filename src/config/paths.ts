/** Where everything of one engine lives. Made once per call by src/engine.ts; nothing else builds these paths. */
export interface EnginePaths {
  /** containers/storage graphroot, for example /var/lib/containers/storage. */
  graphRoot: string;
  /** containers/storage runroot, for example /run/containers/storage. */
  runRoot: string;
  /** Of the store; part of the names of its folders. */
  driver: 'overlay' | 'vfs';
  /** tspod's own persistent folder: GRAPHROOT/tspod (foreign garbage collectors leave it alone). */
  stateDir: string;
  /** tspod's own volatile folder (a tmpfs: empty after a reboot): RUNROOT/tspod, or --tmpdir. */
  tmpDir: string;
  /** One file per container that ended: decimal exit code, written by the monitor. */
  exitDir: string;
  /** One folder per container (conmon --persist-dir). */
  persistDir: string;
  /** One lock file per container. */
  lockDir: string;
  /** Named volumes: GRAPHROOT/volumes/NAME/_data, as Podman has them. */
  volumeDir: string;
  /** Network definitions, Podman's JSON: /etc/containers/networks for root. */
  networkConfigDir: string;
  /** Leases and set-up state of networks, volatile. */
  networkRunDir: string;
  /** Network namespaces: /run/netns for root. */
  netnsDir: string;
}

/** The OCI bundle of a container (config.json, ctr.log, attach, ctl): persistent. */
export function bundleDir(paths: EnginePaths, id: string): string {
  return `${paths.graphRoot}/${paths.driver}-containers/${id}/userdata`;
}

/** Volatile files of a container (resolv.conf, hosts, hostname, pidfile). */
export function containerRunDir(paths: EnginePaths, id: string): string {
  return `${paths.runRoot}/${paths.driver}-containers/${id}/userdata`;
}
