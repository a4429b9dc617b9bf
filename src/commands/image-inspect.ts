import { defineCommand } from '../cli/command.ts';
import { inspectObjects } from './inspect.ts';

export default defineCommand({
  usage: 'inspect [options] IMAGE [IMAGE...]',
  describe: 'Display the configuration of an image',
  long: 'Displays what the store knows about images.',
  flags: {
    format: { type: 'string', alias: 'f', default: 'json', describe: 'Print JSON or what a Go template says' },
  },
  operands: { complete: 'images' },
  examples: ['image inspect alpine', 'image inspect --format "imageId: {{.Id}} size: {{.Size}}" alpine'],
  handler: (args, context) => inspectObjects({ ...args, latest: false, size: false }, 'image', context),
});
