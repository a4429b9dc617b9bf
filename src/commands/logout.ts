import { defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { credentialKey, logout, logoutAll } from '../image/login.ts';
import { authTarget } from './auth-file.ts';
import { checkAuthFile } from './check-auth-file.ts';

export default defineCommand({
  usage: 'logout [options] [REGISTRY]',
  describe: 'Log out of a container registry',
  long: 'Forgets the user name and password of a registry.',
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Forget those of all registries' },
    authfile: { type: 'string', describe: 'File with the credentials', complete: 'files' },
    'compat-auth-file': { type: 'string', describe: 'File in the format of Docker', complete: 'files' },
  },
  operands: { max: 1 },
  examples: ['logout quay.io', 'logout --all'],
  async handler(args, context) {
    checkAuthFile(args.authfile);
    checkAuthFile(args.compatAuthFile);
    const target = authTarget(args, context);
    if (args.all) {
      if (args.operands.length > 0) throw new TspodError('BAD_ARGUMENT', '--all takes no arguments');
      logoutAll(target);
      return context.stdout('Removed login credentials for all registries\n');
    }
    const key = credentialKey(context.engine, args.operands[0]);
    context.stdout(`${await logout(context.engine, key, target)}\n`);
  },
});
