/** What every use case of the runtime works on. src/engine.ts makes one per call; members may be lazy getters. */
import type { ContainersConf } from '../config/containers-conf.ts';
import type { EnginePaths } from '../config/paths.ts';
import type { NetworkContext } from '../network/context.ts';
import type { EventLog } from '../storage/event-log.ts';
import type { Store } from '../storage/store.ts';
import type { StateDb } from './state.ts';

/** Global flags that change what the runtime does. Undefined: not given, the configuration decides. */
export interface RuntimeGlobals {
  /** --runtime: a name (`crun`) or a path. */
  runtime?: string | undefined;
  /** --runtime-flag, without the leading dashes. */
  runtimeFlags: string[];
  /** --cgroup-manager */
  cgroupManager?: 'cgroupfs' | 'systemd' | undefined;
  /** --conmon: another monitor with conmon's command line. */
  conmon?: string | undefined;
}

export interface RuntimeContext {
  readonly paths: EnginePaths;
  /** Opened by the first use. */
  readonly store: Store;
  /** Opened by the first use: `openState(paths)`. */
  readonly state: StateDb;
  readonly conf: ContainersConf;
  readonly globals: RuntimeGlobals;
  /** argv that calls this engine again with the same global flags: the monitor's exit command starts with it. */
  readonly selfCommand: string[];
  readonly networkContext: NetworkContext;
  /** Absent: events are nobody's business. */
  readonly journal?: EventLog;
}
