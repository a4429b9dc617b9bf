import { defineCommand } from '../cli/command.ts';
import { inspectObjects } from './inspect.ts';
import { podFlags } from './pod-select.ts';

export default defineCommand({
  usage: 'inspect [options] POD [POD...]',
  describe: 'Display a pod configuration',
  long: `Display the configuration for a pod by name or id

  By default, this will render all results in a JSON array.`,
  flags: {
    format: { type: 'string', alias: 'f', default: 'json', describe: 'Format the output to a Go template or json' },
    latest: podFlags.latest,
  },
  operands: {},
  examples: ['pod inspect podID'],
  handler: (args, context) => inspectObjects({ ...args, size: false }, 'pod', context),
});
