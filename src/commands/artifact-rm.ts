import { defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { removeArtifacts } from '../image/artifact/list.ts';
import { hexOf } from '../oci/digest.ts';

export default defineCommand({
  usage: 'rm [options] ARTIFACT [ARTIFACT...]',
  describe: 'Remove one or more OCI artifacts',
  long: 'Removes artifacts from the store and prints their digests.',
  flags: {
    all: { type: 'boolean', alias: 'a', describe: 'Remove all artifacts' },
    ignore: { type: 'boolean', alias: 'i', describe: 'A missing artifact is no error' },
  },
  operands: { complete: 'none' },
  examples: ['artifact rm quay.io/myimage/myartifact:latest', 'artifact rm -a'],
  async handler({ operands, all, ignore }, context) {
    if (all && operands.length > 0) {
      throw new TspodError(
        'BAD_ARGUMENT',
        'when using the --all switch, you may not pass any artifact names or digests',
      );
    }
    if (!all && operands.length === 0) {
      throw new TspodError('BAD_ARGUMENT', 'at least one artifact name or digest must be specified');
    }
    const removed = await removeArtifacts(context.engine, all ? null : operands, ignore);
    for (const digest of removed) context.stdout(`${hexOf(digest)}\n`);
  },
});
