/** Which file `login` and `logout` change. */
import type { Context } from '../cli/command.ts';
import type { AuthTarget } from '../config/auth-edit.ts';
import { TspodError } from '../errors.ts';

export interface AuthFileArgs {
  authfile?: string | undefined;
  compatAuthFile?: string | undefined;
}

/** @throws TspodError BAD_ARGUMENT */
export function authTarget({ authfile, compatAuthFile }: AuthFileArgs, context: Context): AuthTarget {
  if (authfile && compatAuthFile) {
    throw new TspodError(
      'BAD_ARGUMENT',
      'options for paths to the credential file and to the Docker-compatible credential file can not be set simultaneously',
    );
  }
  const { config } = context.globals as { config?: string };
  const docker = config ? `${config}/config.json` : undefined;
  return { authFile: authfile || compatAuthFile || docker, compat: !authfile && Boolean(compatAuthFile || docker) };
}
