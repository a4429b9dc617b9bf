import { defineCommand } from '../cli/command.ts';

export default defineCommand({
  usage: 'exists VOLUME',
  describe: 'Check if volume exists',
  long: 'If the given volume exists, podman volume exists exits with 0, otherwise the exit code will be 1.',
  flags: {},
  operands: { min: 1, max: 1, complete: 'volumes' },
  examples: ['volume exists myvol'],

  handler({ operands: [name = ''] }, context) {
    return context.engine.store.volumeByName(name) ? 0 : 1;
  },
});
