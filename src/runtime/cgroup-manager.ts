/** Who makes the cgroups of containers. */
import { existsSync, readFileSync } from 'node:fs';
import { isRootless } from '../config/rootless.ts';
import { cgroupFacts } from '../system/cgroup.ts';
import type { RuntimeContext } from './context.ts';

export type CgroupManager = 'cgroupfs' | 'systemd';

/** --cgroup-manager, else containers.conf, else systemd when it runs this machine, else the runtime itself. */
export function cgroupManager(rt: Pick<RuntimeContext, 'globals' | 'conf'>): CgroupManager {
  const chosen = rt.globals.cgroupManager ?? rt.conf.engine.cgroupManager;
  if (chosen === 'systemd' || chosen === 'cgroupfs') return chosen;
  if (isRootless() && !hasUserSession()) return 'cgroupfs';
  return systemdRuns() ? 'systemd' : 'cgroupfs';
}

/** A user's systemd makes groups on v2 only, and is asked by its bus. */
function hasUserSession(): boolean {
  return existsSync(`${process.env['XDG_RUNTIME_DIR']}/bus`) && cgroupFacts().version === 2;
}

/** /run/systemd/system may be there without systemd, for example in a container. */
function systemdRuns(): boolean {
  try {
    return readFileSync('/proc/1/comm', 'latin1').trim() === 'systemd';
  } catch {
    return false;
  }
}
