import { defineCommand } from '../cli/command.ts';
import { createFlags } from './create-flags.ts';
import { makeContainer } from './make-container.ts';

export default defineCommand({
  usage: 'create [options] IMAGE [COMMAND [ARG...]]',
  describe: 'Create but do not start a container',
  long: 'Makes a container from an image, to be started later with `start`. Prints its id.',
  flags: {
    ...createFlags,
    'init-ctr': {
      type: 'string',
      describe: 'Make it an init container of a pod: always, or once (removed after its first run)',
    },
  },
  operands: { min: 1, complete: 'images' },
  passthrough: true,
  examples: ['create alpine ls', 'create --annotation HELLO=WORLD alpine ls', 'create -t -i --name myctr alpine ls'],
  async handler(args, context) {
    const { config } = await makeContainer(args, context);
    if (!config.log.driver.startsWith('passthrough')) context.stdout(`${config.id}\n`);
  },
});
