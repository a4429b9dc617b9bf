/** `registry delete` and skopeo's `delete`. */
import type { Args, Context } from '../../cli/command.ts';
import { parseImageName } from '../../image/transport/parse.ts';
import type { placeFlags } from './flags.ts';
import { sideOptions } from './side.ts';
import { remoteSystem, type TransferSystem } from './system.ts';

/** @throws TspodError */
export async function runDelete(
  args: Args<typeof placeFlags>,
  context: Context,
  system: TransferSystem,
): Promise<void> {
  const [name = ''] = args.operands;
  await parseImageName(name).remove(context.engine, { ...remoteSystem(system), ...sideOptions(args) });
}
