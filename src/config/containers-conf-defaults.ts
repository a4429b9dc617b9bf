/** The keys of containers.conf that tspod knows, with the defaults of Podman 5.8. */
import { defaultCapabilities } from './default-capabilities.ts';

export interface ContainersConf {
  containers: ContainersSection;
  network: NetworkSection;
  engine: EngineSection;
}

export interface ContainersSection {
  annotations: string[];
  apparmorProfile: string;
  baseHostsFile: string;
  /** '' means: private on cgroup v2, host on v1. */
  cgroupns: string;
  cgroups: string;
  cgroupConf: string[];
  containerNameAsHostname: boolean;
  /** Upper case with CAP_. */
  defaultCapabilities: string[];
  /** --default-mounts-file; no file can set it. */
  defaultMountsFile: string;
  defaultSysctls: string[];
  defaultUlimits: string[];
  devices: string[];
  dnsOptions: string[];
  dnsSearches: string[];
  dnsServers: string[];
  env: string[];
  envHost: boolean;
  hostContainersInternalIp: string;
  httpProxy: boolean;
  init: boolean;
  initPath: string;
  interfaceName: string;
  ipcns: string;
  keyring: boolean;
  label: boolean;
  labelUsers: boolean;
  logDriver: string;
  logPath: string;
  /** Bytes, -1 without limit. */
  logSizeMax: number;
  logTag: string;
  mounts: string[];
  netns: string;
  noHosts: boolean;
  oomScoreAdj: number | undefined;
  /** 0 without limit. */
  pidsLimit: number;
  pidns: string;
  prepareVolumeOnCreate: boolean;
  privileged: boolean;
  readOnly: boolean;
  seccompProfile: string;
  shmSize: string;
  tz: string;
  umask: string;
  userns: string;
  utsns: string;
  volumes: string[];
}

export interface NetworkSection {
  defaultNetwork: string;
  defaultSubnet: string;
  defaultSubnetPools: { base: string; size: number }[];
  defaultRootlessNetworkCmd: string;
  dnsBindPort: number;
  /** '' lets the engine choose: nftables. */
  firewallDriver: string;
  networkBackend: string;
  networkConfigDir: string | undefined;
  pastaOptions: string[];
}

export interface EngineSection {
  /** '' lets the engine choose. */
  cgroupManager: string;
  cdiSpecDirs: string[];
  compressionFormat: string;
  compressionLevel: number | undefined;
  conmonEnvVars: string[];
  conmonPath: string[];
  detachKeys: string;
  enablePortReservation: boolean;
  env: string[];
  eventsLogger: string;
  eventsLogfilePath: string;
  /** Bytes, 0 for no limit. */
  eventsLogfileMaxSize: number;
  eventsContainerCreateInspectData: boolean;
  /** Seconds. */
  exitCommandDelay: number;
  healthcheckEvents: boolean;
  helperBinariesDir: string[];
  hooksDir: string[];
  imageCopyTmpDir: string;
  imageDefaultFormat: string;
  imageParallelCopies: number;
  imageVolumeMode: string;
  infraImage: string;
  initPath: string;
  networkCmdOptions: string[];
  networkCmdPath: string;
  noPivotRoot: boolean;
  platformToOciRuntime: Record<string, string>;
  podExitPolicy: string;
  pullPolicy: string;
  retry: number;
  /** A duration as Go writes it, '' for the default back-off. */
  retryDelay: string;
  /** '' lets the engine choose: crun, else runc. */
  runtime: string;
  /** Where to look for a runtime's name. */
  runtimes: Record<string, string[]>;
  runtimesFlags: Record<string, string[]>;
  /** Seconds. */
  stopTimeout: number;
  tmpDir: string | undefined;
  staticDir: string | undefined;
  volumePath: string | undefined;
  /** Names of plugins to their sockets; none can be used yet. */
  volumePlugins: Record<string, string>;
}

const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function defaultContainersConf(): ContainersConf {
  return { containers: containersDefaults(), network: networkDefaults(), engine: engineDefaults() };
}

function containersDefaults(): ContainersSection {
  return {
    apparmorProfile: 'containers-default',
    baseHostsFile: '',
    cgroupns: '',
    cgroups: 'enabled',
    containerNameAsHostname: false,
    defaultCapabilities: [...defaultCapabilities],
    defaultMountsFile: '',
    defaultSysctls: ['net.ipv4.ping_group_range=0 0'],
    ...containersLists(),
    envHost: false,
    hostContainersInternalIp: '',
    httpProxy: true,
    init: false,
    initPath: '',
    interfaceName: '',
    ipcns: 'shareable',
    keyring: true,
    label: true,
    labelUsers: false,
    logDriver: 'k8s-file',
    logPath: '',
    logSizeMax: -1,
    logTag: '',
    netns: 'private',
    noHosts: false,
    oomScoreAdj: undefined,
    pidsLimit: 2048,
    pidns: 'private',
    prepareVolumeOnCreate: false,
    privileged: false,
    readOnly: false,
    seccompProfile: '',
    shmSize: '65536k',
    tz: '',
    umask: '0022',
    userns: '',
    utsns: 'private',
  };
}

function containersLists(): Pick<
  ContainersSection,
  | 'annotations'
  | 'cgroupConf'
  | 'defaultUlimits'
  | 'devices'
  | 'dnsOptions'
  | 'dnsSearches'
  | 'dnsServers'
  | 'env'
  | 'mounts'
  | 'volumes'
> {
  return {
    annotations: [],
    cgroupConf: [],
    defaultUlimits: [],
    devices: [],
    dnsOptions: [],
    dnsSearches: [],
    dnsServers: [],
    env: [`PATH=${searchPath}`],
    mounts: [],
    volumes: [],
  };
}

function networkDefaults(): NetworkSection {
  return {
    defaultNetwork: 'podman',
    defaultSubnet: '10.88.0.0/16',
    defaultSubnetPools: [
      { base: '10.89.0.0/16', size: 24 },
      { base: '10.90.0.0/15', size: 24 },
      { base: '10.92.0.0/14', size: 24 },
      { base: '10.96.0.0/11', size: 24 },
      { base: '10.128.0.0/9', size: 24 },
    ],
    defaultRootlessNetworkCmd: 'pasta',
    dnsBindPort: 0,
    firewallDriver: '',
    networkBackend: '',
    networkConfigDir: undefined,
    pastaOptions: [],
  };
}

function engineDefaults(): EngineSection {
  return {
    cgroupManager: '',
    cdiSpecDirs: ['/etc/cdi', '/var/run/cdi'],
    compressionFormat: 'gzip',
    compressionLevel: undefined,
    conmonEnvVars: [`PATH=${searchPath}`],
    conmonPath: [],
    detachKeys: 'ctrl-p,ctrl-q',
    enablePortReservation: true,
    env: [],
    eventsLogger: 'file',
    eventsLogfilePath: '',
    eventsLogfileMaxSize: 1_000_000,
    eventsContainerCreateInspectData: false,
    exitCommandDelay: 300,
    healthcheckEvents: true,
    helperBinariesDir: ['/usr/local/libexec/podman', '/usr/local/lib/podman', '/usr/libexec/podman', '/usr/lib/podman'],
    hooksDir: ['/usr/share/containers/oci/hooks.d'],
    imageCopyTmpDir: '/var/tmp',
    imageDefaultFormat: '',
    imageParallelCopies: 0,
    imageVolumeMode: 'anonymous',
    infraImage: '',
    initPath: '',
    networkCmdOptions: [],
    networkCmdPath: '',
    noPivotRoot: false,
    platformToOciRuntime: {},
    podExitPolicy: 'continue',
    pullPolicy: 'missing',
    retry: 3,
    retryDelay: '',
    runtime: '',
    runtimes: { crun: runtimePaths('crun'), runc: runtimePaths('runc'), youki: runtimePaths('youki') },
    runtimesFlags: {},
    stopTimeout: 10,
    tmpDir: undefined,
    staticDir: undefined,
    volumePath: undefined,
    volumePlugins: {},
  };
}

function runtimePaths(name: string): string[] {
  const folders = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin', '/sbin', '/bin'];
  return [...folders, '/run/current-system/sw/bin'].map((folder) => `${folder}/${name}`);
}
