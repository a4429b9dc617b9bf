import { defineCommand } from '../cli/command.ts';
import { syncFlags } from './transfer/flags.ts';
import { ownFlags, ownSystem } from './transfer/own-flags.ts';
import { runSync } from './transfer/sync.ts';

export default defineCommand({
  usage: 'sync [options] SOURCE DESTINATION',
  describe: 'Copy many images from one place to another',
  long: 'Copies all tags of a repository, all images below a folder, or those that a YAML file lists.',
  flags: { ...syncFlags, ...ownFlags },
  operands: { min: 2, max: 2 },
  examples: [
    'image sync --src docker --dest dir --scoped registry.example.com/team/app /srv/mirror',
    'image sync --src yaml --dest docker --keep-going images.yml registry.example.com/mirror',
  ],
  handler: (args, context) => runSync(args, context, ownSystem(args, context)),
});
