import { defineCommand } from '../cli/command.ts';
import { findImage } from '../image/lookup.ts';

export default defineCommand({
  usage: 'exists IMAGE',
  describe: 'Check if an image exists in local storage',
  long: 'Exits with 0 when the image is in the store, with 1 when it is not.',
  flags: {},
  operands: { min: 1, max: 1, complete: 'images' },
  examples: ['image exists ID', 'image exists IMAGE && podman pull IMAGE'],
  handler: ({ operands: [name = ''] }, context) => (findImage(context.engine, name) ? 0 : 1),
});
