import { accessSync, constants } from 'node:fs';
import type { ContainersConf } from '../../config/containers-conf.ts';
import { TspodError } from '../../errors.ts';

/**
 * The OCI runtime: --runtime, else containers.conf, else crun, else runc. A name is looked up in the paths of the
 * configuration and then in PATH; a path is taken as it is, as name too.
 * @throws MISSING_PROGRAM when there is none
 */
export function chooseRuntime(
  wanted: string | undefined,
  { engine }: ContainersConf,
  path: string = process.env['PATH'] ?? '',
): { name: string; path: string } {
  const chosen = wanted || engine.runtime;
  for (const name of chosen ? [chosen] : ['crun', 'runc']) {
    const found = name.includes('/') ? [name] : [...(engine.runtimes[name] ?? []), ...inPath(name, path)];
    const program = found.find(isExecutable);
    if (program) return { name, path: program };
  }
  const words = chosen ? `requested OCI runtime ${chosen} is not available` : 'no OCI runtime (crun or runc) found';
  throw new TspodError('MISSING_PROGRAM', `${words}: invalid argument`);
}

function inPath(name: string, path: string): string[] {
  return path
    .split(':')
    .filter(Boolean)
    .map((folder) => `${folder}/${name}`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
