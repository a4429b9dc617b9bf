/**
 * What tspod knows about a container: the configuration it was created with (never changes, except by `rename` and
 * `update`) and its state (changes with every start and exit). Both are stored as JSON by runtime/state.ts.
 */
import type { NetworkAttachment, NetworkStatus, PortMapping } from '../network/attachment.ts';
import type { HealthConfig } from '../oci/image-spec.ts';
import type { IdMaps } from '../system/userns.ts';

export type { NetworkAttachment, NetworkStatus, PortMapping } from '../network/attachment.ts';

export type ContainerStatus =
  | 'created' // recorded, never started (or cleaned up after `init`)
  | 'initialized' // the runtime made it, its process waits for start
  | 'running'
  | 'paused'
  | 'stopping'
  | 'exited';

export interface BindMount {
  type: 'bind' | 'tmpfs' | 'ramfs' | 'volume' | 'devpts' | 'mqueue' | 'sysfs' | 'proc' | 'cgroup' | 'image';
  /** Host path (bind), volume name (volume), image name (image), or the file system's name. */
  source: string;
  /** Absolute path in the container. */
  destination: string;
  /** As given, for example `ro`, `Z`, `rprivate`, `size=64m`. */
  options: string[];
}

export interface NamedVolume {
  name: string;
  destination: string;
  options: string[];
  /** Made for this container alone (image VOLUME, or `-v /data`): removed with it. */
  anonymous: boolean;
  /** --mount subpath=: only this folder of the volume is mounted. */
  subPath?: string;
}

export interface DeviceMapping {
  hostPath: string;
  containerPath: string;
  /** `r`, `w`, `m` in any mix. */
  permissions: string;
}

/** Where a namespace comes from. `private` is a new one; `path` joins `ns:PATH`. */
export type NamespaceMode =
  | { mode: 'private' }
  | { mode: 'host' }
  | { mode: 'none' } // ipc only
  | { mode: 'shareable' } // ipc only
  | { mode: 'container'; id: string }
  | { mode: 'path'; path: string };

export type NetworkMode =
  | { mode: 'bridge' } // the networks of `networks`
  | { mode: 'none' } // a new namespace with loopback only
  | { mode: 'host' }
  | { mode: 'container'; id: string }
  | { mode: 'path'; path: string }
  | { mode: 'pasta'; options: string[] }
  | { mode: 'slirp4netns'; options: string[] };

export interface RestartPolicy {
  name: 'no' | 'on-failure' | 'always' | 'unless-stopped';
  /** For on-failure; 0 is without limit. */
  maximumRetryCount: number;
}

/** Limits, in the units of the OCI runtime specification 1.2 "linux.resources". Undefined: not set. */
export interface ResourceLimits {
  memory?: number; // bytes
  memorySwap?: number; // bytes; -1 without limit
  memoryReservation?: number;
  memorySwappiness?: number;
  kernelMemory?: number;
  oomKillDisable?: boolean;
  cpuShares?: number;
  cpuQuota?: number;
  cpuPeriod?: number;
  cpuRtRuntime?: number;
  cpuRtPeriod?: number;
  /** What --cpus was given as, in billionths, for inspect. */
  nanoCpus?: number;
  cpusetCpus?: string;
  cpusetMems?: string;
  pidsLimit?: number; // -1 or 0 without limit
  blkioWeight?: number;
  blkioWeightDevice?: { path: string; weight: number }[];
  deviceReadBps?: { path: string; rate: number }[];
  deviceWriteBps?: { path: string; rate: number }[];
  deviceReadIops?: { path: string; rate: number }[];
  deviceWriteIops?: { path: string; rate: number }[];
  unified?: Record<string, string>;
}

export interface Ulimit {
  /** Lower case without RLIMIT_, for example `nofile`. */
  name: string;
  soft: number;
  hard: number;
}

export interface LogConfig {
  driver: 'k8s-file' | 'json-file' | 'journald' | 'none' | 'passthrough' | 'passthrough-tty';
  /** Absolute path of the log file; '' for the default inside the bundle. */
  path: string;
  /** Bytes; -1 without limit. */
  sizeMax: number;
  tag: string;
  options: Record<string, string>;
}

export interface HealthcheckSettings extends HealthConfig {
  onFailure?: 'none' | 'kill' | 'restart' | 'stop';
}

/** All that was decided at `create`. Everything needed to make the OCI spec again at each start. */
export interface ContainerConfig {
  /** 64 hex characters. */
  id: string;
  name: string;
  /** RFC 3339 with nanoseconds, in UTC. */
  created: string;
  /** The command line that made it (inspect .Config.CreateCommand). */
  createCommand: string[];

  /** Full name of the image as it was resolved, '' with --rootfs. */
  imageName: string;
  /** As the user typed it. */
  rawImageName: string;
  imageId: string;
  /** Host path given by --rootfs, '' otherwise. */
  rootfs: string;
  rootfsOverlay: boolean;

  /** Entrypoint and command as they are after the rules of --entrypoint; `[...entrypoint, ...command]` is run. */
  entrypoint: string[];
  command: string[];
  /** `KEY=VALUE`, complete: image, engine defaults and --env, in the order of the process. */
  env: string[];
  workDir: string;
  /** As given or from the image: `user[:group]`. */
  user: string;
  groupAdd: string[];
  umask: string;
  terminal: boolean;
  /** -i: standard input is kept open. */
  stdin: boolean;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  stopSignal: number;
  /** Seconds. */
  stopTimeout: number;
  /** Seconds until the container is killed, 0 never (--timeout). */
  timeout: number;
  restart: RestartPolicy;
  /** --rm */
  autoRemove: boolean;
  autoRemoveImage: boolean;
  init: boolean;
  initPath: string;
  systemd: boolean;

  hostname: string;
  /** --hostname was given (and not made from the id). */
  hostnameSet: boolean;
  pid: NamespaceMode;
  ipc: NamespaceMode;
  uts: NamespaceMode;
  cgroupns: NamespaceMode;
  userns: NamespaceMode;
  network: NetworkMode;
  /** Network name to wishes; only with network mode bridge. */
  networks: Record<string, NetworkAttachment>;
  ports: PortMapping[];
  /** -P: publish all exposed ports (already expanded into `ports`). */
  publishAll: boolean;
  /** `80/tcp`, from the image and --expose. */
  exposedPorts: string[];
  dnsServers: string[];
  dnsSearch: string[];
  dnsOptions: string[];
  /** `name:ip` of --add-host, ip may be `host-gateway`. */
  addHosts: string[];
  noHosts: boolean;
  noResolvConf: boolean;
  noHostname: boolean;
  hostsFile: string;

  mounts: BindMount[];
  volumes: NamedVolume[];
  /** From --volumes-from, for inspect. */
  volumesFrom: string[];
  devices: DeviceMapping[];
  deviceCgroupRules: string[];
  readOnly: boolean;
  readOnlyTmpfs: boolean;
  /** Bytes; undefined: 64 MB. */
  shmSize: number;

  privileged: boolean;
  capAdd: string[];
  capDrop: string[];
  noNewPrivileges: boolean;
  /** Path of a profile, 'unconfined', or '' for the default profile. */
  seccompProfile: string;
  apparmorProfile: string;
  selinuxOptions: string[];
  /** --security-opt mask=, unmask=, proc-opts= */
  mask: string[];
  unmask: string[];
  procOpts: string[];
  securityOpts: string[];
  resources: ResourceLimits;
  ulimits: Ulimit[];
  sysctls: Record<string, string>;
  oomScoreAdj: number | null;
  cgroupParent: string;
  cgroupsMode: 'enabled' | 'disabled' | 'no-conmon' | 'split';
  cgroupConf: Record<string, string>;

  log: LogConfig;
  healthcheck: HealthcheckSettings | null;
  /** Path of the OCI runtime as it was chosen at create. */
  runtime: string;
  runtimeName: string;
  cidFile: string;
  conmonPidFile: string;
  pidFile: string;
  preserveFds: number;
  /** Containers that must run first (--requires). */
  dependencies: string[];
  /** Pod id, '' without. */
  pod: string;

  // The rest is absent when its flag was not given.
  /** It is the one that holds the namespaces of its pod. */
  infra?: {
    /** The program of the host that is bound in as /catatonit; '' when the container has an image of its own. */
    init: string;
  };
  /** --init-ctr: run to its end when the pod starts, before the others; `once` is removed then. */
  initContainer?: 'always' | 'once';
  /** The working directory is the image's: it is made when missing. With -w a missing one is an error. */
  createWorkDir?: boolean;
  /** Host folders mounted with `:O`: writes go to an upper folder that goes with the container. */
  overlayVolumes?: OverlayVolume[];
  /** --mount type=image */
  imageVolumes?: ImageVolume[];
  /** --ulimit host: the limits of the machine are inherited and `ulimits` counts for nothing. */
  ulimitHost?: boolean;
  /** default_capabilities of containers.conf when the container was made; capAdd and capDrop change it. */
  defaultCaps?: string[];
  /** --tz: a zone name or `local`. */
  timezone?: string;
  /** False with --passwd=false: nothing is added to the container's /etc/passwd and /etc/group. */
  passwd?: boolean;
  /** Lines with $USERNAME, $UID, $GID, $NAME, $HOME for --passwd-entry and --group-entry. */
  passwdEntry?: string;
  groupEntry?: string;
  /** --hostuser: users of the host that the container's /etc/passwd gets. */
  hostUsers?: string[];
  /** Bytes for the tmpfs mounts of --systemd (--shm-size-systemd). */
  shmSizeSystemd?: number;
  sdnotify?: 'container' | 'conmon' | 'healthy' | 'ignore';
  /** NOTIFY_SOCKET of the call that made it: where the service manager wants to hear of it. */
  sdnotifySocket?: string;
  personality?: string;
  rdtClass?: string;
  chrootDirs?: string[];
  /** --group-add keep-groups: the caller's groups stay (crun only). */
  keepGroups?: boolean;
  /** CDI names given to --device. */
  cdiDevices?: string[];
  /** --unsetenv-all and --unsetenv have been applied to `env`; kept for inspect. */
  unsetEnv?: string[];
  /** Set where --entrypoint was given (`command` does not come from the image then). */
  entrypointSet?: boolean;
  /** --image-volume as it was used. */
  imageVolumeMode?: 'anonymous' | 'tmpfs' | 'ignore';
  /** --startup-health-*. */
  startupHealthcheck?: HealthConfig & { Successes?: number };
  healthLogDestination?: string;
  healthMaxLogCount?: number;
  healthMaxLogSize?: number;
  /** Of a user namespace of its own, relative to the engine's: what root file system and runtime get. */
  idMaps?: IdMaps;
  /** --secret; never with content. */
  secrets?: ContainerSecret[];
  /** --preserve-fd */
  preserveFdList?: number[];
}

export interface ContainerSecret {
  name: string;
  /** The secret that this was when the container was made. */
  id: string;
  type: 'mount' | 'env';
  /** Path or name of a variable; '' for /run/secrets/NAME. */
  target: string;
  uid: number;
  gid: number;
  mode: number;
}

export interface OverlayVolume {
  source: string;
  destination: string;
  /** `U`, `upperdir=…`, `workdir=…` beside `O`. */
  options: string[];
}

export interface ImageVolume {
  /** Name or id of the image, as it was given. */
  source: string;
  /** The image that this was when the container was made. */
  imageId?: string;
  destination: string;
  readWrite: boolean;
  /** Absolute path inside the image, '' for all of it. */
  subPath: string;
}

export interface ContainerState {
  status: ContainerStatus;
  /** Host pid of the container's first process, 0 when none. */
  pid: number;
  /** Field 22 of /proc/PID/stat: tells a recycled pid from the container's. */
  pidStartTime: number;
  monitorPid: number;
  /** RFC 3339 with nanoseconds; '' never. */
  startedAt: string;
  finishedAt: string;
  exitCode: number;
  oomKilled: boolean;
  error: string;
  restartCount: number;
  /** `stop` or `kill` was asked for by a user: `--restart` does not fire. */
  stoppedByUser: boolean;
  /** Path of the mounted root file system, '' when not mounted. */
  mountpoint: string;
  /** /proc/sys/kernel/random/boot_id of the boot in which this state was written. */
  bootId: string;
  /** Path of the network namespace, '' when the container has none of its own. */
  netns: string;
  /** Network name to what it got there. */
  networks: Record<string, NetworkStatus>;
  /** Exec sessions that run: id to what is known of them. */
  execSessions: string[];
  /** As `current` found it; the monitor keeps the truth. */
  health: { status: string; failingStreak: number };
}

export interface Container {
  config: ContainerConfig;
  state: ContainerState;
}
