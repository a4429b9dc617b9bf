import { defineCommand } from '../cli/command.ts';
import { inspectObjects } from './inspect.ts';
import { selectFlags } from './select-flags.ts';

export default defineCommand({
  usage: 'inspect [options] CONTAINER [CONTAINER...]',
  describe: 'Display the configuration of a container',
  long: 'Displays the low-level information on a container identified by name or ID.',
  flags: {
    format: { type: 'string', alias: 'f', default: 'json', describe: 'Format the output to a Go template or json' },
    latest: selectFlags.latest,
    size: { type: 'boolean', alias: 's', describe: 'Display total file size' },
  },
  operands: {},
  examples: ['container inspect myCtr', "container inspect -l --format '{{.Id}} {{.Config.Labels}}'"],
  handler: (args, context) => inspectObjects(args, 'container', context),
});
