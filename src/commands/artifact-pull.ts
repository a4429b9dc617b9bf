import { defineCommand } from '../cli/command.ts';
import { pullArtifact } from '../image/artifact/transfer.ts';
import { copyProgress } from './copy-progress.ts';
import { registryFlags, remoteOptions, retryFlags } from './registry-flags.ts';

export default defineCommand({
  usage: 'pull [options] ARTIFACT',
  describe: 'Pull an OCI artifact',
  long: 'Copies an artifact from a registry to the store.',
  flags: {
    ...registryFlags,
    ...retryFlags,
    'decryption-key': {
      type: 'list',
      describe: 'Key that decrypts the artifact',
      unsupported: 'encrypted images are not supported',
    },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print nothing' },
  },
  operands: { min: 1, max: 1 },
  examples: ['artifact pull quay.io/myimage/myartifact:latest'],
  async handler(args, context) {
    const [name = ''] = args.operands;
    const progress = copyProgress(context, args.quiet);
    try {
      await pullArtifact(context.engine, name, { ...remoteOptions(args), onProgress: progress.onProgress });
    } finally {
      progress.end();
    }
  },
});
