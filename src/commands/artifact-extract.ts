import { defineCommand } from '../cli/command.ts';
import { extractArtifact } from '../image/artifact/extract.ts';

export default defineCommand({
  usage: 'extract [options] ARTIFACT PATH',
  describe: 'Extract an OCI artifact to a local path',
  long: 'Copies the files of an artifact to a folder, or one of them to a file.',
  flags: {
    digest: { type: 'string', describe: 'Only the blob with this digest', complete: 'none' },
    title: { type: 'string', describe: 'Only the blob with this title', complete: 'none' },
  },
  operands: { min: 2, max: 2, complete: 'files' },
  examples: [
    'artifact extract quay.io/myimage/myartifact:latest /tmp/foobar.txt',
    'artifact extract quay.io/myimage/myartifact:latest /home/paul/mydir',
  ],
  async handler({ operands: [name = '', target = ''], digest, title }, context) {
    await extractArtifact(context.engine, name, target, { digest, title });
  },
});
