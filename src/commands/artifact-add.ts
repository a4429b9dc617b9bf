import { defineCommand } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { addArtifact } from '../image/artifact/add.ts';
import { parseAnnotations } from '../image/manifest-list/annotate.ts';
import { hexOf } from '../oci/digest.ts';

export default defineCommand({
  usage: 'add [options] ARTIFACT PATH [...PATH]',
  describe: 'Add an OCI artifact to the local store',
  long: 'Makes an artifact of files and prints its digest.',
  flags: {
    annotation: { type: 'list', describe: 'Annotation of the files (KEY=VALUE)', complete: 'none' },
    append: { type: 'boolean', alias: 'a', describe: 'Add the files to an artifact that exists' },
    'file-type': { type: 'string', describe: 'Media type of the files', complete: 'none' },
    replace: { type: 'boolean', describe: 'Take the place of an artifact that exists' },
    type: { type: 'string', describe: 'Type of the artifact', complete: 'none' },
  },
  operands: { min: 2, complete: 'files' },
  examples: [
    'artifact add quay.io/myimage/myartifact:latest /tmp/foobar.txt',
    'artifact add --append quay.io/myimage/myartifact:latest /tmp/foobar.tar.gz',
  ],
  async handler(args, context) {
    const [name = '', ...files] = args.operands;
    const { append, replace, type, fileType } = args;
    if (append && replace) {
      throw new TspodError('BAD_ARGUMENT', '--append and --replace options cannot be used together');
    }
    const annotations = parseAnnotations(args.annotation);
    const digest = await addArtifact(context.engine, name, files, { annotations, append, replace, type, fileType });
    context.stdout(`${hexOf(digest)}\n`);
  },
});
