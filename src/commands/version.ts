import { defineCommand } from '../cli/command.ts';

export default defineCommand({
  usage: 'version [options]',
  describe: 'Display the Podman version information',
  engineless: true,
  flags: { format: { type: 'string', alias: 'f', describe: 'Change the output format to JSON or a Go template' } },
  handler(_args, context) {
    context.stdout('Version:      0.1.0\n');
  },
});
