/** What tspod's own commands have in place of skopeo's global flags. */
import { type Args, type Context, defineFlags } from '../../cli/command.ts';
import { platformFlags, platformOf } from '../registry-flags.ts';
import type { TransferSystem } from './system.ts';

export const ownFlags = defineFlags({
  ...platformFlags,
  'signature-policy': { type: 'string', hidden: true, describe: 'Path of a policy.json' },
});

/** @throws TspodError BAD_ARGUMENT */
export function ownSystem(args: Omit<Args<typeof ownFlags>, 'operands' | 'given'>, context: Context): TransferSystem {
  const { registriesConf } = context.globals;
  return {
    platform: platformOf(args),
    ...(args.signaturePolicy ? { policyFile: args.signaturePolicy } : {}),
    ...(registriesConf ? { registriesConf } : {}),
  };
}

/** Of commands about registries: a name without a transport is an image of one. */
export function withTransport(name: string): string {
  return /^(docker|containers-storage|dir|oci|oci-archive|docker-archive):/.test(name) ? name : `docker://${name}`;
}
