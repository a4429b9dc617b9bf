/** The modules of --module are looked for before anything else, even before it is known whether there is a command. */
import { modulePath } from '../config/containers-conf-files.ts';
import { TspodError } from '../errors.ts';

/** What Podman says about the first of `names` that does not exist; null when all are there. */
export function missingModule(names: readonly string[]): string | null {
  try {
    for (const name of names) modulePath(name);
    return null;
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    const hint = error.hint === undefined ? '' : `${error.hint}\n`;
    return `Failed to obtain podman configuration: ${error.message}\n${hint}`;
  }
}
