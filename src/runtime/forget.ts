/** Removes every trace of a container that holds nothing any more. */
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { bundleDir, containerRunDir } from '../config/paths.ts';
import { attendedPath } from './attended.ts';
import type { Container } from './container.ts';
import type { RuntimeContext } from './context.ts';
import { forgetEnding } from './ending.ts';
import { containerEvent } from './events.ts';
import { forgetLock } from './locks.ts';
import { removeFolder } from './remove-folder.ts';
import { removeVolumesOf } from './volumes.ts';

/**
 * Deletes layer, files and records. The database row goes last: killed half way, the next `rm` finds the container
 * and does the rest. Needs the lock of the container; everything must be released.
 */
export function forgetContainer(rt: RuntimeContext, { config, state }: Container, options: { volumes: boolean }): void {
  const { id } = config;
  // Takes the bundle and the volatile folder too, also of a container that has no record there.
  rt.store.deleteContainer(id);
  // The monitor may have been at it at the same time.
  for (const folder of [bundleDir(rt.paths, id), containerRunDir(rt.paths, id)]) removeFolder(dirname(folder));
  if (config.cidFile) rmSync(config.cidFile, { force: true });
  rt.state.remove(id, state.exitCode);
  if (options.volumes) removeVolumesOf(rt, config);
  forgetEnding(rt, id);
  rmSync(attendedPath(rt, id), { force: true });
  forgetLock(rt, id);
  containerEvent(rt, config, 'remove', state.finishedAt ? { ContainerExitCode: state.exitCode } : {});
}
