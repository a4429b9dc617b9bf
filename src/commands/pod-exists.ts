/** There are no pods yet: none exists. */
import { defineCommand } from '../cli/command.ts';

export default defineCommand({
  usage: 'exists POD',
  describe: 'Check if a pod exists in local storage',
  hidden: true,
  flags: {},
  operands: { min: 1, max: 1 },
  handler: () => 1,
});
