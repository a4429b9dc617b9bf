import { defineCommand } from '../cli/command.ts';
import { inspectFlags } from './transfer/flags.ts';
import { runInspect } from './transfer/inspect.ts';
import { ownFlags, ownSystem, withTransport } from './transfer/own-flags.ts';

export default defineCommand({
  usage: 'inspect [options] IMAGE',
  describe: 'Tell about an image where it is, without pulling it',
  long: 'Reads the manifest and the configuration of an image in a registry, or of any other place.',
  flags: { ...inspectFlags, ...ownFlags },
  operands: { min: 1, max: 1 },
  examples: [
    'registry inspect quay.io/team/app:1',
    'registry inspect --raw docker://busybox',
    "registry inspect --format '{{.Digest}}' oci-archive:app.tar",
  ],
  handler(args, context) {
    const operands = args.operands.map(withTransport);
    return runInspect({ ...args, operands }, context, ownSystem(args, context));
  },
});
