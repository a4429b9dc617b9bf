import { writeFileSync } from 'node:fs';
import { defineCommand } from '../cli/command.ts';
import { pushArtifact } from '../image/artifact/transfer.ts';
import { copyProgress } from './copy-progress.ts';
import { registryFlags, remoteOptions, retryFlags } from './registry-flags.ts';

const later = 'not supported for artifacts yet';

export default defineCommand({
  usage: 'push [options] ARTIFACT.',
  describe: 'Push an OCI artifact',
  long: 'Copies an artifact of the store to the registry of its name.',
  flags: {
    ...registryFlags,
    ...retryFlags,
    digestfile: { type: 'string', describe: 'File to write the digest to', complete: 'files' },
    quiet: { type: 'boolean', alias: 'q', describe: 'Print nothing' },
    'sign-by': { type: 'string', describe: 'Key to sign with', unsupported: later },
    'sign-by-sigstore': { type: 'string', describe: 'Parameters to sign with', unsupported: later },
    'sign-by-sigstore-private-key': { type: 'string', describe: 'Key to sign with', unsupported: later },
    'sign-passphrase-file': { type: 'string', describe: 'Passphrase of the key', unsupported: later },
    'signature-policy': { type: 'string', hidden: true, describe: 'Path of a policy.json' },
  },
  operands: { min: 1, max: 1 },
  examples: ['artifact push quay.io/myimage/myartifact:latest'],
  async handler(args, context) {
    const [name = ''] = args.operands;
    const progress = copyProgress(context, args.quiet);
    try {
      const options = { ...remoteOptions(args), onProgress: progress.onProgress };
      const digest = await pushArtifact(context.engine, name, options);
      if (args.digestfile) writeFileSync(args.digestfile, digest);
    } finally {
      progress.end();
    }
  },
});
