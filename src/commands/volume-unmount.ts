import { defineCommand } from '../cli/command.ts';
import { forEachOperand } from './each.ts';

export default defineCommand({
  usage: 'unmount NAME [NAME...]',
  describe: 'Unmount volume',
  long: 'Unmount a volume',
  flags: {},
  operands: { min: 1, complete: 'volumes' },
  examples: ['volume unmount myvol'],

  handler({ operands }, context) {
    const { store } = context.engine;
    return forEachOperand(operands, context, (name) => {
      const volume = store.findVolume(name);
      store.unmountVolume(volume.name, 'command-line');
      return volume.name;
    });
  },
});
