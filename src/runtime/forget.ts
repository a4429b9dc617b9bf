/** Removes every trace of a container that holds nothing any more. */
import { rmSync } from 'node:fs';
import { bundleDir, containerRunDir } from '../config/paths.ts';
import { attendedPath } from './attended.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { forgetEnding } from './ending.ts';
import { forgetLock } from './locks.ts';
import { removeVolumesOf } from './volumes.ts';

/**
 * Deletes layer, files and records. The database row goes last: killed half way, the next `rm` finds the container
 * and does the rest. Needs the lock of the container; everything must be released.
 */
export function forgetContainer(rt: RuntimeContext, { config, state }: Container, options: { volumes: boolean }): void {
  const { id } = config;
  if (!config.rootfs) rt.store.deleteContainer(id);
  removeTree(bundleDir(rt.paths, id));
  removeTree(containerRunDir(rt.paths, id));
  if (config.cidFile) rmSync(config.cidFile, { force: true });
  rt.state.remove(id, state.exitCode);
  if (options.volumes) removeVolumesOf(rt, config);
  forgetEnding(rt, id);
  rmSync(attendedPath(rt, id), { force: true });
  forgetLock(rt, id);
}

/** The folder `ID/userdata` and then `ID`. */
function removeTree(userdata: string): void {
  rmSync(userdata, { recursive: true, force: true });
  rmSync(userdata.slice(0, -'/userdata'.length), { recursive: true, force: true });
}
