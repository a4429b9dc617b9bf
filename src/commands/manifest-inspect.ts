import { defineCommand } from '../cli/command.ts';
import { inspectList } from '../image/manifest-list/inspect.ts';
import { remoteOptions } from './registry-flags.ts';

export default defineCommand({
  usage: 'inspect [options] IMAGE',
  describe: 'Display the contents of a manifest list or image index',
  long: 'Prints a manifest list of the store, or else the one that a registry has under this name.',
  flags: {
    authfile: { type: 'string', describe: 'File with the credentials of registries', complete: 'files' },
    insecure: { type: 'boolean', hidden: true, describe: 'Do not verify certificates' },
    'tls-verify': { type: 'boolean', default: true, describe: 'Require HTTPS with a valid certificate' },
    verbose: { type: 'boolean', alias: 'v', hidden: true, describe: 'Does nothing; for the sake of Docker' },
  },
  operands: { min: 1, max: 1, complete: 'images' },
  examples: ['manifest inspect localhost/list'],
  async handler(args, context) {
    const [name = ''] = args.operands;
    const insecure = args.given.has('insecure') && !args.given.has('tls-verify') ? { tlsVerify: !args.insecure } : {};
    const list = await inspectList(context.engine, name, { ...remoteOptions(args), ...insecure });
    context.stdout(`${JSON.stringify(list, null, 4)}\n`);
  },
});
