import { defineCommand } from '../cli/command.ts';
import { hasCode } from '../errors.ts';
import { requireList } from '../image/manifest-list/list.ts';

export default defineCommand({
  usage: 'exists MANIFEST',
  describe: 'Check if a manifest list exists in local storage',
  long: 'Exits with 0 when the manifest list is in the store, with 1 when it is not.',
  flags: {},
  operands: { min: 1, max: 1, complete: 'images' },
  examples: ['manifest exists mylist'],
  handler({ operands: [name = ''] }, context) {
    try {
      requireList(context.engine, name);
      return 0;
    } catch (error) {
      if (hasCode(error, 'NO_SUCH_IMAGE')) return 1;
      throw error;
    }
  },
});
