import { mkdirSync } from 'node:fs';
import { bundleDir, containerRunDir } from '../config/paths.ts';
import { attendedPath } from './attended.ts';
import { cgroupManager } from './cgroup-manager.ts';
import type { ContainerConfig } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { healthConfigPath } from './health/paths.ts';
import type { MonitorOptions } from './monitor/options.ts';
import { runtimeFlags } from './oci-runtime.ts';

/** Where the monitor listens for the readiness messages of the container. */
export function notifyDir(bundle: string): string {
  return `${bundle}/notify`;
}

/** What the monitor of a container is told; makes the folders that it writes to. */
export function monitorOptions(rt: RuntimeContext, config: ContainerConfig, portFds: number[]): MonitorOptions {
  const { paths } = rt;
  const { id } = config;
  const runDir = containerRunDir(paths, id);
  const bundle = bundleDir(paths, id);
  const own = !rt.globals.conmon;
  for (const folder of [runDir, bundle]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (config.sdnotifySocket) mkdirSync(notifyDir(bundle), { recursive: true, mode: 0o755 });
  mkdirSync(paths.exitDir, { recursive: true, mode: 0o750 });
  mkdirSync(`${paths.persistDir}/${id}`, { recursive: true, mode: 0o750 });
  mkdirSync(`${paths.tmpDir}/attended`, { recursive: true, mode: 0o700 });
  return {
    id,
    name: config.name,
    bundle,
    runtime: config.runtime,
    runtimeArgs: runtimeFlags(rt, config),
    pidFile: config.pidFile || `${runDir}/pidfile`,
    monitorPidFile: config.conmonPidFile || `${runDir}/conmon.pid`,
    exitDir: paths.exitDir,
    persistDir: `${paths.persistDir}/${id}`,
    fullAttach: true,
    log: { ...config.log, path: config.log.path || `${bundle}/ctr.log` },
    terminal: config.terminal,
    stdin: config.stdin,
    leaveStdinOpen: false,
    deleteAfter: own,
    exitCommand: [...rt.selfCommand, 'container', 'cleanup', id],
    exitCommandLock: attendedPath(rt, id),
    healthConfig: healthConfigPath(paths, id),
    ...(config.sdnotifySocket ? { sdnotifySocket: config.sdnotifySocket } : {}),
    systemdCgroup: cgroupManager(rt) === 'systemd' && config.cgroupsMode !== 'disabled',
    timeout: config.timeout,
    noPivot: rt.conf.engine.noPivotRoot,
    preserveFds: config.preserveFdList ? Math.max(2, ...config.preserveFdList) - 2 : config.preserveFds,
    preserveFdList: config.preserveFdList,
    extraFds: portFds,
    env: process.env,
    ...(rt.globals.conmon ? { monitor: rt.globals.conmon } : {}),
  };
}

/** Conmon can only create, and without streams of its own a monitor has nothing to attach to. */
export function canRunAtOnce(options: MonitorOptions): boolean {
  return options.monitor === undefined && !options.log.driver.startsWith('passthrough');
}
