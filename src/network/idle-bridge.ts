/** Bridges of other tools that nothing is plugged into. */
import { run } from '../system/spawn.ts';

/** In the network namespace of this process; /sys may be that of another one. */
export function bridgeExists(name: string): boolean {
  return run({ file: 'ip', args: ['link', 'show', name] }).status === 0;
}

/** Deletes the bridge if it has no ports. That it is not there, or that it cannot be deleted, is no error. */
export function removeIdleBridge(name: string): void {
  const { status, stdout } = run({ file: 'ip', args: ['link', 'show', 'master', name] });
  if (status === 0 && stdout === '') run({ file: 'ip', args: ['link', 'delete', name] });
}
