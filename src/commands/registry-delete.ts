import { defineCommand } from '../cli/command.ts';
import { runDelete } from './transfer/delete.ts';
import { placeFlags } from './transfer/flags.ts';
import { withTransport } from './transfer/own-flags.ts';

export default defineCommand({
  usage: 'delete [options] IMAGE',
  describe: 'Delete an image of a registry',
  long: 'Deletes the manifest that a name leads to, in a registry that allows it. Other tags of it go too.',
  flags: placeFlags,
  operands: { min: 1, max: 1 },
  examples: ['registry delete registry.example.com/team/app:old'],
  handler(args, context) {
    const { registriesConf } = context.globals;
    const system = registriesConf ? { registriesConf } : {};
    return runDelete({ ...args, operands: args.operands.map(withTransport) }, context, system);
  },
});
