import { defineCommand } from '../cli/command.ts';
import { renameContainer } from '../runtime/rename.ts';

export default defineCommand({
  usage: 'rename CONTAINER NAME',
  describe: 'Rename an existing container',
  long: 'The podman rename command allows you to rename an existing container',
  flags: {},
  operands: { min: 2, max: 2 },
  examples: ['rename containerA newName'],

  async handler({ operands }, { engine }) {
    const [from = '', to = ''] = operands.map((name) => name.replace(/^\//, ''));
    await renameContainer(engine, engine.state.find(from).config.id, to);
  },
});
