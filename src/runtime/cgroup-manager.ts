/** Who makes the cgroups of containers. */
import { readFileSync } from 'node:fs';
import type { RuntimeContext } from './context.ts';

export type CgroupManager = 'cgroupfs' | 'systemd';

/** --cgroup-manager, else containers.conf, else systemd when it runs this machine, else the runtime itself. */
export function cgroupManager(rt: Pick<RuntimeContext, 'globals' | 'conf'>): CgroupManager {
  const chosen = rt.globals.cgroupManager ?? rt.conf.engine.cgroupManager;
  if (chosen === 'systemd' || chosen === 'cgroupfs') return chosen;
  return systemdRuns() ? 'systemd' : 'cgroupfs';
}

/** /run/systemd/system may be there without systemd, for example in a container. */
function systemdRuns(): boolean {
  try {
    return readFileSync('/proc/1/comm', 'latin1').trim() === 'systemd';
  } catch {
    return false;
  }
}
