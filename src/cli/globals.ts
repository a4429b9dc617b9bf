import type { EngineOptions } from '../engine.ts';
import { TspodError } from '../errors.ts';
import { type Args, defineFlags } from './flag.ts';

const REMOTE = 'tspod has no remote mode';

/** Global flags that also stand after a command (persistent flags in Podman). */
export const persistentFlags = defineFlags({
  'cdi-spec-dir': {
    type: 'list',
    describe: 'Set the CDI spec directory path (may be set multiple times)',
    complete: 'files',
  },
  'cgroup-manager': { type: 'string', describe: 'Cgroup manager to use ("cgroupfs"|"systemd")' },
  conmon: { type: 'string', describe: 'Path of the conmon binary', complete: 'files' },
  'db-backend': { type: 'string', describe: 'Database backend to use', hidden: true },
  'default-mounts-file': { type: 'string', describe: 'Path to default mounts file', hidden: true },
  'events-backend': { type: 'string', describe: 'Events backend to use ("file"|"journald"|"none")' },
  'hooks-dir': {
    type: 'list',
    describe: 'Set the OCI hooks directory path (may be set multiple times)',
    complete: 'files',
  },
  imagestore: { type: 'string', describe: "Path to the 'image store', different from 'graph root'", complete: 'files' },
  'log-level': {
    type: 'string',
    describe: 'Log messages above specified level (trace, debug, info, warn, warning, error, fatal, panic)',
    default: 'warn',
  },
  'max-workers': { type: 'number', describe: 'The maximum number of workers for parallel operations', hidden: true },
  'network-backend': { type: 'string', describe: 'Network backend to use', hidden: true },
  'network-cmd-path': {
    type: 'string',
    describe: 'Path to the command for configuring the network',
    complete: 'files',
  },
  'network-config-dir': {
    type: 'string',
    describe: 'Path of the configuration directory for networks',
    complete: 'files',
  },
  'pull-option': { type: 'list', describe: 'Specify an option to change how the image is pulled', hidden: true },
  'registries-conf': {
    type: 'string',
    describe: 'Path to a registries.conf to use for image processing',
    hidden: true,
  },
  root: {
    type: 'string',
    describe: 'Path to the graph root directory where images, containers, etc. are stored',
    complete: 'files',
  },
  runroot: {
    type: 'string',
    describe: "Path to the 'run directory' where all state information is stored",
    complete: 'files',
  },
  runtime: {
    type: 'string',
    describe: 'Path to the OCI-compatible binary used to run containers.',
    complete: 'files',
  },
  'runtime-flag': { type: 'list', describe: 'add global flags for the container runtime' },
  'storage-driver': {
    type: 'string',
    describe: 'Select which storage driver is used to manage storage of images and containers',
  },
  'storage-opt': { type: 'list', describe: 'Used to pass an option to the storage driver' },
  syslog: { type: 'boolean', describe: 'Output podman-internal logs to syslog as well as the console' },
  tmpdir: { type: 'string', describe: 'Path to the tmp directory for libpod state content.', complete: 'files' },
  trace: { type: 'boolean', describe: 'Enable opentracing output', hidden: true },
  'transient-store': { type: 'boolean', describe: 'Enable transient container storage' },
  volumepath: {
    type: 'string',
    describe: 'Path to the volume directory in which volume data is stored',
    complete: 'files',
  },
});

/** Global flags that stand before the command only. */
export const rootFlags = defineFlags({
  config: { type: 'string', describe: 'Path to directory containing authentication config file', complete: 'files' },
  connection: {
    type: 'string',
    alias: 'c',
    describe: 'Connection to use for remote Podman service (CONTAINER_CONNECTION)',
    unsupported: REMOTE,
  },
  context: { type: 'string', describe: 'Name of the context to use', hidden: true },
  debug: { type: 'boolean', alias: 'D', describe: 'Docker compatibility, force setting of log-level', hidden: true },
  host: { type: 'string', alias: 'H', describe: 'Used for Docker compatibility', hidden: true, unsupported: REMOTE },
  identity: { type: 'string', describe: 'path to SSH identity file, (CONTAINER_SSHKEY)', unsupported: REMOTE },
  module: { type: 'list', describe: 'Load the containers.conf(5) module' },
  noout: { type: 'boolean', describe: 'do not output to stdout', hidden: true },
  out: { type: 'string', describe: 'Send output (stdout) from podman to a file', complete: 'files' },
  remote: { type: 'boolean', alias: 'r', describe: 'Access remote Podman service' },
  ssh: { type: 'string', describe: 'define the ssh mode', unsupported: REMOTE },
  'tls-ca': { type: 'string', describe: 'path to TLS certificate Authority PEM file for remote.', unsupported: REMOTE },
  'tls-cert': { type: 'string', describe: 'path to TLS client certificate PEM file for remote.', unsupported: REMOTE },
  'tls-key': {
    type: 'string',
    describe: 'path to TLS client certificate private key PEM file for remote.',
    unsupported: REMOTE,
  },
  url: { type: 'string', describe: 'URL to access Podman service (CONTAINER_HOST)', unsupported: REMOTE },
  version: { type: 'boolean', alias: 'v', describe: 'version for podman' },
});

export const globalFlags = { ...persistentFlags, ...rootFlags };

/** What stood on the command line besides the command's own flags. */
export type GlobalArgs = Omit<Args<typeof globalFlags>, 'operands'>;

/** @throws UNSUPPORTED for wishes that only a remote client, or an old Podman, can fulfil */
export function refuseForeign(globals: GlobalArgs): void {
  const { context = 'default', dbBackend = '', remote } = globals;
  if (!['', 'sqlite'].includes(dbBackend)) {
    throw new TspodError(
      'UNSUPPORTED',
      `database backend "${dbBackend}" is deprecated, no new BoltDB databases can be created`,
    );
  }
  if (remote) throw new TspodError('UNSUPPORTED', `unsupported flag: --remote: ${REMOTE}`);
  if (context !== 'default') throw new TspodError('UNSUPPORTED', `read cli flags: connection "${context}" not found`);
}

/** The options of the engine that the global flags stand for. */
export function engineOptions(globals: GlobalArgs): EngineOptions {
  const options: EngineOptions = {};
  const texts = {
    root: globals.root,
    runroot: globals.runroot,
    tmpdir: globals.tmpdir,
    imagestore: globals.imagestore,
    storageDriver: globals.storageDriver,
    runtime: globals.runtime,
    conmon: globals.conmon,
    networkConfigDir: globals.networkConfigDir,
    volumePath: globals.volumepath,
    eventsBackend: globals.eventsBackend,
    defaultMountsFile: globals.defaultMountsFile,
    logLevel: globals.given.has('log-level') ? globals.logLevel : undefined,
  };
  for (const [key, value] of Object.entries(texts)) if (value !== undefined) Object.assign(options, { [key]: value });
  if (globals.cgroupManager !== undefined) options.cgroupManager = cgroupManager(globals.cgroupManager);
  if (globals.given.has('pull-option')) options.pullOptions = globals.pullOption;
  if (globals.given.has('storage-opt')) options.storageOpts = globals.storageOpt.filter((option) => option !== '');
  if (globals.given.has('runtime-flag')) options.runtimeFlags = globals.runtimeFlag;
  if (globals.given.has('hooks-dir')) options.hooksDirs = globals.hooksDir;
  if (globals.given.has('module')) options.modules = globals.module;
  if (globals.transientStore) options.transientStore = true;
  if (globals.syslog) options.syslog = true;
  return options;
}

function cgroupManager(name: string): 'systemd' | 'cgroupfs' {
  if (name === 'systemd' || name === 'cgroupfs') return name;
  throw new TspodError('BAD_ARGUMENT', `cgroup manager "${name}" is not supported: choose "cgroupfs" or "systemd"`);
}
