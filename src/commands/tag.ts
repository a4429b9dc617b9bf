import { defineCommand } from '../cli/command.ts';
import { tagImage } from '../image/tag.ts';

export default defineCommand({
  usage: 'tag IMAGE TARGET_NAME [TARGET_NAME...]',
  describe: 'Add an additional name to a local image',
  long: 'Gives an image more names; other images that have them lose them.',
  flags: {},
  operands: { min: 2, complete: 'images' },
  examples: ['tag 0e3bbc2 fedora:latest', 'tag httpd myregistryhost:5000/fedora/httpd:v2'],
  handler({ operands: [image = '', ...names] }, context) {
    tagImage(context.engine, image, names);
  },
});
