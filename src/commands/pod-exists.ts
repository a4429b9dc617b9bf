import { defineCommand } from '../cli/command.ts';
import { hasCode } from '../errors.ts';
import { findPod } from '../runtime/pod/pods.ts';

export default defineCommand({
  usage: 'exists POD',
  describe: 'Check if a pod exists in local storage',
  long: 'If the named pod exists in local storage, podman pod exists exits with 0, otherwise the exit code will be 1.',
  flags: {},
  operands: { min: 1, max: 1 },
  examples: ['pod exists podID', 'pod exists mypod || podman pod create --name mypod'],

  handler({ operands: [name = ''] }, { engine }) {
    try {
      findPod(engine.state, name);
      return 0;
    } catch (error) {
      if (hasCode(error, 'NO_SUCH_POD')) return 1;
      throw error;
    }
  },
});
