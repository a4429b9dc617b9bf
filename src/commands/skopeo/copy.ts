import { runCopy } from '../transfer/copy.ts';
import { copyFlags } from '../transfer/flags.ts';
import { defineSkopeo } from './command.ts';

export default defineSkopeo({
  usage: 'copy [command options] SOURCE-IMAGE DESTINATION-IMAGE',
  describe: 'Copy an image from one place to another',
  flags: copyFlags,
  operands: { min: 2, max: 2 },
  example: 'copy docker://quay.io/skopeo/stable:latest docker://registry.example.com/skopeo:latest',
  handler: runCopy,
});
