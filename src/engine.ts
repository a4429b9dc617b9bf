/**
 * The engine: everything that one call, or one program that imports the library, works with. It only composes; each
 * part is made on first use, so that `version` opens no store and `images` opens no database.
 */
import { type ContainersConf, loadContainersConf } from './config/containers-conf.ts';
import type { EnginePaths } from './config/paths.ts';
import { retryOf } from './config/retry.ts';
import { callerUid, runtimeDir } from './config/rootless.ts';
import { loadStorageConf, type StorageConf } from './config/storage-conf.ts';
import type { NetworkContext } from './network/context.ts';
import type { RuntimeContext, RuntimeGlobals } from './runtime/context.ts';
import { openState, type StateDb } from './runtime/state.ts';
import { EventLog, type EventSettings } from './storage/event-log.ts';
import { openStore, type Store } from './storage/store.ts';

/** The global options of the command line, or what a library user chooses. Undefined: the configuration files decide. */
export interface EngineOptions {
  root?: string;
  runroot?: string;
  tmpdir?: string;
  imagestore?: string;
  storageDriver?: string;
  storageOpts?: string[];
  /** `enable_partial_images=false`. */
  pullOptions?: string[];
  transientStore?: boolean;
  runtime?: string;
  runtimeFlags?: string[];
  cgroupManager?: 'systemd' | 'cgroupfs';
  conmon?: string;
  networkConfigDir?: string;
  volumePath?: string;
  hooksDirs?: string[];
  /** Handed on to the calls of monitors; tspod itself writes no log. */
  syslog?: boolean;
  /** A mounts.conf in place of the system's. */
  defaultMountsFile?: string;
  eventsBackend?: string;
  logLevel?: string;
  modules?: string[];
  /** argv that calls this engine again, for the exit command of a monitor; without the global options. */
  selfCommand?: string[];
}

export class Engine implements RuntimeContext {
  readonly options: EngineOptions;
  #storageConf: StorageConf | undefined;
  #conf: ContainersConf | undefined;
  #paths: EnginePaths | undefined;
  #store: Store | undefined;
  #state: StateDb | undefined;
  #journal: EventLog | undefined;

  constructor(options: EngineOptions = {}) {
    this.options = options;
  }

  /** storage.conf with the options of the command line applied. */
  get storageConf(): StorageConf {
    this.#storageConf ??= loadStorageConf(this.options);
    return this.#storageConf;
  }

  /** containers.conf as merged from all its files. */
  get conf(): ContainersConf {
    this.#conf ??= withOptions(loadContainersConf({ modules: this.options.modules ?? [] }), this.options);
    return this.#conf;
  }

  /** How registries are talked to where no flag says it. Read when it is used: most calls talk to none. */
  readonly systemContext = retryOf(() => this.conf);

  get paths(): EnginePaths {
    this.#paths ??= enginePaths(this.options, this.storageConf, () => this.conf);
    return this.#paths;
  }

  get store(): Store {
    this.#store ??= openStore({ ...this.storageConf, volumeDir: () => this.paths.volumeDir });
    return this.#store;
  }

  /** Containers and exec sessions: one SQLite file, opened on first use. */
  get state(): StateDb {
    this.#state ??= openState(this.paths);
    return this.#state;
  }

  /** What happened to containers, images, volumes and networks: `events` reads it. */
  get journal(): EventLog {
    this.#journal ??= new EventLog(() => eventSettings(this));
    return this.#journal;
  }

  get globals(): RuntimeGlobals {
    const { runtime, runtimeFlags = [], cgroupManager, conmon } = this.options;
    return { runtime, runtimeFlags, cgroupManager, conmon };
  }

  get networkContext(): NetworkContext {
    const { paths, conf } = this;
    // One for all engines of a user, whatever their --root is.
    const userNetns = callerUid() === 0 ? undefined : `${runtimeDir()}/tspod/bridges/netns`;
    return { paths, conf: conf.network, helperDirs: conf.engine.helperBinariesDir, userNetns };
  }

  /** The argv, global options included, with which a monitor calls this engine back. */
  get selfCommand(): string[] {
    const program = this.options.selfCommand ?? [process.execPath, process.argv[1] ?? 'tspod'];
    return [...program, ...globalArgs(this.options, this.storageConf)];
  }

  /** Closes the database. A process that ends anyway need not call it. */
  close(): void {
    this.#state?.close();
    this.#state = undefined;
  }
}

/** The journal of systemd is not written: with `journald` events go to the file too. */
function eventSettings({ options, conf, paths }: Engine): EventSettings | null {
  const backend = options.eventsBackend ?? conf.engine.eventsLogger;
  if (backend === 'none') return null;
  const { eventsLogfilePath, eventsLogfileMaxSize } = conf.engine;
  return { path: eventsLogfilePath || `${paths.tmpDir}/events/events.log`, maxSize: eventsLogfileMaxSize };
}

/** Options of the command line that the configuration has too. */
function withOptions(conf: ContainersConf, { hooksDirs, defaultMountsFile }: EngineOptions): ContainersConf {
  if (hooksDirs?.length) conf.engine.hooksDir = hooksDirs;
  if (defaultMountsFile) conf.containers.defaultMountsFile = defaultMountsFile;
  return conf;
}

/** The paths that containers.conf may name are looked up late: not every command needs that file. */
function enginePaths(options: EngineOptions, storage: StorageConf, conf: () => ContainersConf): EnginePaths {
  const { graphRoot, runRoot, driver } = storage;
  const tmpDir = options.tmpdir ?? `${runRoot}/tspod`;
  return {
    graphRoot,
    runRoot,
    driver,
    tmpDir,
    exitDir: `${tmpDir}/exits`,
    persistDir: `${tmpDir}/persist`,
    lockDir: `${tmpDir}/locks`,
    get stateDir() {
      const { staticDir } = conf().engine;
      return staticDir ? `${staticDir}/tspod` : `${graphRoot}/tspod`;
    },
    get volumeDir() {
      return options.volumePath ?? conf().engine.volumePath ?? `${graphRoot}/volumes`;
    },
    get networkConfigDir() {
      const given = options.networkConfigDir ?? conf().network.networkConfigDir;
      return given ?? (callerUid() === 0 ? '/etc/containers/networks' : `${graphRoot}/networks`);
    },
    networkRunDir: `${tmpDir}/networks`,
    netnsDir: callerUid() === 0 ? '/run/netns' : `${runtimeDir()}/netns`,
  };
}

/** Passed in full, so that a monitor's call finds the same store whatever its environment has become. */
function globalArgs(options: EngineOptions, storage: StorageConf): string[] {
  const args = ['--root', storage.graphRoot, '--runroot', storage.runRoot];
  if (storage.driver !== 'overlay') args.push('--storage-driver', storage.driver);
  if (storage.imageStore) args.push('--imagestore', storage.imageStore);
  for (const option of options.storageOpts ?? []) args.push('--storage-opt', option);
  if (options.tmpdir) args.push('--tmpdir', options.tmpdir);
  if (options.runtime) args.push('--runtime', options.runtime);
  for (const flag of options.runtimeFlags ?? []) args.push('--runtime-flag', flag);
  if (options.cgroupManager) args.push('--cgroup-manager', options.cgroupManager);
  if (options.networkConfigDir) args.push('--network-config-dir', options.networkConfigDir);
  if (options.volumePath) args.push('--volumepath', options.volumePath);
  for (const folder of options.hooksDirs ?? []) args.push('--hooks-dir', folder);
  for (const module of options.modules ?? []) args.push('--module', module);
  if (options.defaultMountsFile) args.push('--default-mounts-file', options.defaultMountsFile);
  if (options.eventsBackend) args.push('--events-backend', options.eventsBackend);
  if (options.syslog) args.push('--syslog');
  return args;
}
