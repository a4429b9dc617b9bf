import logout from '../logout.ts';
import { defineSkopeo } from './command.ts';

export default defineSkopeo({
  usage: 'logout [command options] REGISTRY',
  describe: 'Log out of a registry',
  flags: {
    ...logout.flags,
    'tls-verify': { type: 'boolean', describe: 'Does nothing: no registry is asked' },
  },
  operands: { min: 0, max: 1 },
  example: 'logout quay.io',
  async handler(args, context) {
    await logout.handler(args, context);
  },
});
