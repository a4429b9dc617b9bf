/** What concerns the engine more than the process: stopping, limits of time, init, cgroups, files to write. */
import { accessSync, constants, existsSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { TspodError } from '../../errors.ts';
import type { ContainerConfig } from '../container.ts';
import { parseSignal } from '../signals.ts';
import { badArgument } from './bad-argument.ts';
import type { BuildInput } from './build-input.ts';
import { buildCommand } from './command.ts';
import type { Namespaces } from './namespaces.ts';
import { ramInBytes } from './size.ts';

type SettingKeys =
  | 'autoRemove'
  | 'autoRemoveImage'
  | 'cgroupConf'
  | 'cgroupParent'
  | 'cgroupsMode'
  | 'cidFile'
  | 'conmonPidFile'
  | 'dependencies'
  | 'init'
  | 'initPath'
  | 'oomScoreAdj'
  | 'pidFile'
  | 'pod'
  | 'preserveFds'
  | 'readOnly'
  | 'readOnlyTmpfs'
  | 'runtime'
  | 'runtimeName'
  | 'shmSize'
  | 'stopSignal'
  | 'stopTimeout'
  | 'timeout';

export function buildSettings(
  input: BuildInput,
  namespaces: Namespaces,
): Pick<ContainerConfig, SettingKeys> & Partial<ContainerConfig> {
  const { options, conf, runtime } = input;
  return {
    stopSignal: stopSignal(input),
    stopTimeout: options.stopTimeout ?? conf.engine.stopTimeout,
    timeout: options.timeout ?? 0,
    autoRemove: options.rm || options.rmi === true,
    autoRemoveImage: options.rmi === true,
    ...initProgram(input, namespaces),
    readOnly: options.given.has('read-only') ? options.readOnly : conf.containers.readOnly,
    readOnlyTmpfs: options.readOnlyTmpfs,
    shmSize: shmSize(input, namespaces),
    oomScoreAdj: oomScoreAdj(input),
    cgroupParent: options.cgroupParent ?? '',
    cgroupsMode: cgroupsMode(input),
    cgroupConf: {},
    runtime: runtime.path,
    runtimeName: runtime.name,
    cidFile: options.cidfile ?? '',
    conmonPidFile: options.conmonPidfile ? resolve(options.conmonPidfile) : '',
    pidFile: options.pidfile ? resolve(options.pidfile) : '',
    preserveFds: options.preserveFds ?? 0,
    dependencies: options.requires.map((name) => dependency(name, input)),
    pod: options.pod ?? '',
    ...(options.initCtr && { initContainer: initContainer(options.initCtr) }),
    ...extras(input),
  };
}

function initContainer(text: string): 'always' | 'once' {
  if (text === 'always' || text === 'once') return text;
  return badArgument("init-ctr value must be 'always' or 'once'");
}

/** Recorded only when their flags were given. */
function extras({ options, conf }: BuildInput): Partial<ContainerConfig> {
  const timezone = options.tz ?? conf.containers.tz;
  const systemdShm = options.shmSizeSystemd;
  return {
    ...(timezone && { timezone: checkTimezone(timezone) }),
    ...(options.passwd === false && { passwd: false }),
    ...(options.passwdEntry && { passwdEntry: options.passwdEntry }),
    ...(options.groupEntry && { groupEntry: options.groupEntry }),
    ...(options.hostuser.length > 0 && { hostUsers: options.hostuser }),
    ...(systemdShm && { shmSizeSystemd: ramInBytes(systemdShm, 'unable to translate --shm-size-systemd') }),
    ...notifyWishes(options.sdnotify),
    ...(options.personality && { personality: options.personality }),
    ...(options.rdtClass && { rdtClass: options.rdtClass }),
    ...(options.chrootdirs.length > 0 && { chrootDirs: options.chrootdirs }),
    ...(options.unsetenv.length > 0 && { unsetEnv: options.unsetenv }),
    ...(options.preserveFd?.length && { preserveFdList: options.preserveFd }),
  };
}

const sigterm = 15;
/** SIGRTMIN+3: systemd shuts down on it. */
const systemdShutdown = 37;

function stopSignal(input: BuildInput): number {
  const text = input.options.stopSignal || input.image?.config.config?.StopSignal;
  if (text) return parseSignal(text);
  return buildCommand(input).systemd ? systemdShutdown : sigterm;
}

function notifyWishes(text: string): Pick<ContainerConfig, 'sdnotify' | 'sdnotifySocket'> {
  const mode = sdnotify(text);
  const socket = process.env['NOTIFY_SOCKET'];
  return { sdnotify: mode, ...(socket && mode !== 'ignore' ? { sdnotifySocket: socket } : {}) };
}

function sdnotify(text: string): NonNullable<ContainerConfig['sdnotify']> {
  const modes = ['container', 'conmon', 'healthy', 'ignore'] as const;
  const mode = modes.find((known) => known === (text || 'container'));
  const words = `invalid config provided: invalid sdnotify value ${JSON.stringify(text)}`;
  return mode ?? badArgument(`${words}: must be container, conmon, ignore or healthy`);
}

function cgroupsMode({ options, conf, runtime }: BuildInput): ContainerConfig['cgroupsMode'] {
  const modes = ['enabled', 'disabled', 'no-conmon', 'split'] as const;
  const given = (options.given.has('cgroups') ? options.cgroups : conf.containers.cgroups) || 'enabled';
  const mode = modes.find((known) => known === given);
  if (!mode) {
    const words = `running container create option: invalid cgroup mode ${JSON.stringify(given)}`;
    return badArgument(`${words}: invalid argument`);
  }
  if (mode === 'disabled' && basename(runtime.path) !== 'crun') {
    badArgument(`requested OCI runtime ${runtime.name} is not compatible with NoCgroups: invalid argument`);
  }
  return mode;
}

function shmSize({ options, conf }: BuildInput, { ipc }: Namespaces): number {
  if (options.shmSize && (ipc.mode === 'host' || ipc.mode === 'none')) {
    badArgument(`invalid config provided: cannot set shmsize when running in the ${ipc.mode} IPC Namespace`);
  }
  return ramInBytes(options.shmSize ?? conf.containers.shmSize, 'unable to translate --shm-size');
}

function oomScoreAdj({ options, conf }: BuildInput): number | null {
  const value = options.oomScoreAdj ?? conf.containers.oomScoreAdj ?? null;
  if (value !== null && (value < -1000 || value > 1000)) {
    badArgument(`invalid oom-score-adj ${value}: the range is -1000 to 1000`);
  }
  return value;
}

function initProgram(input: BuildInput, { pid }: Namespaces): Pick<ContainerConfig, 'init' | 'initPath'> {
  const { options, conf } = input;
  const init = options.given.has('init') ? options.init : conf.containers.init;
  if (!init) return { init: false, initPath: options.initPath ?? '' };
  if (pid.mode !== 'private') badArgument("cannot add init binary as PID 1 (PID namespace isn't private)");
  if (options.systemd === 'always') badArgument('cannot use container-init binary with systemd=always');
  const path = options.initPath || conf.containers.initPath || conf.engine.initPath || findInit(input);
  if (!existsSync(path)) {
    const words = `container-init binary not found on the host: stat ${path}`;
    throw new TspodError('MISSING_PROGRAM', `${words}: no such file or directory`);
  }
  return { init: true, initPath: path };
}

const initName = 'catatonit';

/** @throws MISSING_PROGRAM */
export function findInit({ conf, host }: Pick<BuildInput, 'conf' | 'host'>): string {
  const folders = [...conf.engine.helperBinariesDir, ...(host.env['PATH'] ?? '').split(':').filter(Boolean)];
  const found = folders.map((folder) => `${folder}/${initName}`).find(isExecutable);
  if (found) return found;
  const list = conf.engine.helperBinariesDir.join(' ');
  throw new TspodError('MISSING_PROGRAM', `lookup init binary: could not find "${initName}" in one of [${list}]`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function checkTimezone(zone: string): string {
  if (zone === 'local' || (!zone.includes('..') && existsSync(`/usr/share/zoneinfo/${zone}`))) return zone;
  const words = `running container create option: finding timezone for container: stat /usr/share/zoneinfo/${zone}`;
  return badArgument(`${words}: no such file or directory`);
}

function dependency(name: string, { findContainer }: BuildInput): string {
  try {
    return findContainer(name).config.id;
  } catch (cause) {
    if (!(cause instanceof TspodError)) throw cause;
    const words = `${JSON.stringify(name)} is not a valid container, cannot be used as a dependency`;
    throw new TspodError(cause.code, `${words}: ${cause.message}`, { cause });
  }
}
