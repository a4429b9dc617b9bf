import { defineCommand } from '../cli/command.ts';
import { runCopy } from './transfer/copy.ts';
import { copyFlags } from './transfer/flags.ts';
import { ownFlags, ownSystem } from './transfer/own-flags.ts';

export default defineCommand({
  usage: 'copy [options] SOURCE DESTINATION',
  describe: 'Copy an image from one place to another',
  long: 'Copies an image between registries, stores, archives and folders, without a detour through the store.',
  flags: { ...copyFlags, ...ownFlags },
  operands: { min: 2, max: 2 },
  examples: [
    'image copy docker://quay.io/team/app:1 docker://registry.example.com/team/app:1',
    'image copy --all docker://busybox oci:/srv/mirror:busybox',
    'image copy docker-archive:app.tar containers-storage:app',
  ],
  handler: (args, context) => runCopy(args, context, ownSystem(args, context)),
});
