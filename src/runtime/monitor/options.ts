/** What a monitor is told; docs/monitor.md describes the options of the program. */
import type { LogConfig } from '../container.ts';

/** What a container and an exec session have in common. */
export interface CommonOptions {
  name: string;
  /** Folder for config.json (container), `attach`, `ctl` and `winsz`. */
  bundle: string;
  /** Path of crun or runc. */
  runtime: string;
  /** Global arguments of the runtime, for example `--cgroup-manager=cgroupfs`. */
  runtimeArgs: readonly string[];
  /** The runtime writes the pid of the container's process here. */
  pidFile: string;
  exitDir: string;
  persistDir: string;
  terminal: boolean;
  stdin: boolean;
  /** argv, run after the end. */
  exitCommand: readonly string[];
  /** Held by whoever cleans up in place of the exit command; see attended.ts. */
  exitCommandLock?: string;
  /** Seconds before the exit command. */
  exitDelay?: number;
  env: NodeJS.ProcessEnv;
  /** Another monitor with conmon's command line. */
  monitor?: string;
}

export interface MonitorOptions extends CommonOptions {
  id: string;
  /** Options of the runtime's `create`. */
  runtimeOpts?: readonly string[];
  monitorPidFile: string;
  /** Folder of links to bundles; only without fullAttach. */
  socketDir?: string;
  fullAttach: boolean;
  /** With an absolute path. */
  log: LogConfig;
  leaveStdinOpen: boolean;
  /** The runtime runs the container instead of creating it; see launch.ts. */
  runAtOnce?: boolean;
  /** The runtime deletes the container before its end is recorded. */
  deleteAfter?: boolean;
  systemdCgroup: boolean;
  /** Seconds until the container is killed, 0 never. */
  timeout?: number;
  sdnotifySocket?: string;
  /** File that says what health checks to make, if it is there. */
  healthConfig?: string;
  noPivot: boolean;
  /** Our fds from 3 on that the container gets. */
  preserveFds: number;
  /** Only these of them. */
  preserveFdList?: readonly number[] | undefined;
  /** Kept open by the monitor until the container ended: port reservations. */
  extraFds: readonly number[];
}

export interface ExecMonitorOptions extends CommonOptions {
  containerId: string;
  sessionId: string;
  /** JSON of the OCI process. */
  processFile: string;
  /** Our fds that the process gets under the same numbers. */
  preserveFds: readonly number[];
}
