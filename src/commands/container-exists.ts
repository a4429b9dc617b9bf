import { defineCommand } from '../cli/command.ts';
import { hasCode } from '../errors.ts';

export default defineCommand({
  usage: 'exists [options] CONTAINER',
  describe: 'Check if a container exists in local storage',
  long: 'If the named container exists in local storage, podman container exists exits with 0, otherwise the exit code will be 1.',
  flags: {
    external: { type: 'boolean', describe: 'Check external storage containers as well as Podman containers' },
  },
  operands: { min: 1, max: 1 },
  examples: ['container exists --external containerID', 'container exists myctr || tspod run --name myctr [etc...]'],

  handler({ operands, external }, { engine }) {
    const name = (operands[0] ?? '').replace(/^\//, '');
    try {
      engine.state.find(name);
      return 0;
    } catch (error) {
      if (!hasCode(error, 'NO_SUCH_CONTAINER')) throw error;
    }
    const known = external && engine.store.containers().some(({ id, names }) => id === name || names?.includes(name));
    return known ? 0 : 1;
  },
});
