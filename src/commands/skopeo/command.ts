import type { Args, Context, Flags } from '../../cli/command.ts';
import type { TransferSystem } from '../transfer/system.ts';

/** A command of skopeo's command line. */
export interface SkopeoCommand<F extends Flags = Flags> {
  /** `copy [command options] SOURCE-IMAGE DESTINATION-IMAGE` */
  readonly usage: string;
  readonly describe: string;
  readonly long?: string;
  readonly flags: F;
  /** How many. */
  readonly operands: { min: number; max: number };
  readonly example?: string;
  handler(args: Args<F>, context: Context, system: TransferSystem): Promise<void> | void;
}

/** The identity: infers the types of `args` from the flag table. */
export function defineSkopeo<const F extends Flags>(command: SkopeoCommand<F>): SkopeoCommand<F> {
  return command;
}
