import { digestOf } from '../../registry/manifest.ts';
import { defineSkopeo } from './command.ts';
import { readInput } from './read-input.ts';

export default defineSkopeo({
  usage: 'manifest-digest MANIFEST-FILE',
  describe: 'Compute the digest of a manifest in a file',
  flags: {},
  operands: { min: 1, max: 1 },
  example: 'manifest-digest manifest.json',
  handler({ operands: [path = ''] }, context) {
    context.stdout(`${digestOf(readInput('manifest', path))}\n`);
  },
});
