import { defineCommand } from '../cli/command.ts';
import { disconnectContainer } from '../runtime/network-connect.ts';

export default defineCommand({
  usage: 'disconnect [options] NETWORK CONTAINER',
  describe: 'Disconnect a container from a network',
  long: 'Remove container from a network',
  flags: {
    force: { type: 'boolean', alias: 'f', describe: 'force removal of container from network' },
  },
  operands: { min: 2, max: 2, complete: 'networks' },
  examples: ['network disconnect web secondary'],

  async handler({ force, operands }, { engine }) {
    const [network = '', container = ''] = operands;
    await disconnectContainer(engine, container, network, force);
  },
});
