import { defineCommand } from '../cli/command.ts';
import { remoteFlags } from './transfer/flags.ts';
import { withTransport } from './transfer/own-flags.ts';
import { runTags } from './transfer/tags.ts';

export default defineCommand({
  usage: 'list-tags [options] REPOSITORY',
  describe: 'List the tags of a repository',
  long: 'Lists the tags of a repository in a registry, or the names in an archive of Docker.',
  flags: remoteFlags,
  operands: { min: 1, max: 1 },
  examples: ['registry list-tags quay.io/team/app', 'registry list-tags docker-archive:images.tar'],
  handler(args, context) {
    const { registriesConf } = context.globals;
    const system = registriesConf ? { registriesConf } : {};
    return runTags({ ...args, operands: args.operands.map(withTransport) }, context, system);
  },
});
