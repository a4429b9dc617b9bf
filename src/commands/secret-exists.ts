import { defineCommand } from '../cli/command.ts';
import { hasCode } from '../errors.ts';
import { Secrets } from '../storage/secrets.ts';

export default defineCommand({
  usage: 'exists SECRET',
  describe: 'Check if a secret exists in local storage',
  long: 'If the named secret exists, podman secret exists exits with 0, otherwise the exit code will be 1.',
  flags: {},
  operands: { min: 1, max: 1 },
  examples: ['secret exists ID'],

  handler({ operands: [name = ''] }, { engine }) {
    try {
      new Secrets(engine.paths.graphRoot).find(name);
      return 0;
    } catch (error) {
      if (hasCode(error, 'NO_SUCH_SECRET')) return 1;
      throw error;
    }
  },
});
