import { defineCommand } from '../cli/command.ts';
import { hasCode } from '../errors.ts';
import { findNetwork } from '../network/network-store.ts';

export default defineCommand({
  usage: 'exists NETWORK',
  describe: 'Check if network exists',
  long: 'If the named network exists, podman network exists exits with 0, otherwise the exit code will be 1.',
  flags: {},
  operands: { min: 1, max: 1, complete: 'networks' },
  examples: ['network exists net1'],

  handler({ operands }, { engine }) {
    try {
      findNetwork(engine.networkContext, operands[0] ?? '');
      return 0;
    } catch (error) {
      if (hasCode(error, 'NO_SUCH_NETWORK')) return 1;
      throw error;
    }
  },
});
