import login from '../login.ts';
import { defineSkopeo } from './command.ts';

export default defineSkopeo({
  usage: 'login [command options] REGISTRY',
  describe: 'Log in to a registry',
  flags: login.flags,
  operands: { min: 0, max: 1 },
  example: 'login quay.io',
  async handler(args, context) {
    await login.handler(args, context);
  },
});
