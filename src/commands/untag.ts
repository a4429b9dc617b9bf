import { defineCommand } from '../cli/command.ts';
import { untagImage } from '../image/tag.ts';

export default defineCommand({
  usage: 'untag IMAGE [IMAGE...]',
  describe: 'Remove a name from a local image',
  long: 'Takes names from an image; all of them when only the image is given. The image itself stays.',
  flags: {},
  operands: { min: 1, complete: 'images' },
  examples: ['untag 0e3bbc2', 'untag imageID:latest otherImageName:latest'],
  handler({ operands: [image = '', ...names] }, context) {
    untagImage(context.engine, image, names);
  },
});
