/** What holds for a whole call: skopeo has global flags for it, tspod's commands have their own. */
import type { Context } from '../../cli/command.ts';
import type { Platform } from '../../oci/image-spec.ts';
import { type CopyProgress, copyProgress } from '../copy-progress.ts';

/** Says what happens, where it is worth a line. */
export type Report = (
  level: 'info' | 'warning' | 'error',
  message: string,
  fields: Readonly<Record<string, string>>,
) => void;

export interface TransferSystem {
  /** Of images that are chosen from an index. */
  platform?: Platform | undefined;
  /** A policy.json in place of the system's. */
  policyFile?: string | undefined;
  /** No policy at all. */
  insecurePolicy?: boolean | undefined;
  registriesConf?: string | undefined;
  /** registries.d in place of the system's. */
  registriesDir?: string | undefined;
  /** Ends everything. */
  signal?: AbortSignal | undefined;
  /** Progress goes to standard output, as skopeo has it. */
  reportToStdout?: boolean | undefined;
  report?: Report | undefined;
}

/** What all requests need. */
export function remoteSystem({ signal, registriesConf, registriesDir }: TransferSystem) {
  return { ...(signal ? { signal } : {}), ...(registriesConf ? { registriesConf } : {}), registriesDir };
}

/** How policy.json is obeyed. */
export function policyOf({ insecurePolicy, policyFile }: TransferSystem) {
  return { insecurePolicy, policyFile };
}

export function progressOf(context: Context, system: TransferSystem, quiet: boolean): CopyProgress {
  if (!system.reportToStdout) return copyProgress(context, quiet);
  const { stdoutIsTerminal } = context;
  return copyProgress({ stderr: (text) => context.stdout(text), stderrIsTerminal: stdoutIsTerminal }, quiet);
}
