import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { type SaveFormat, saveImages } from '../image/save.ts';
import { copyProgress } from './copy-progress.ts';

const formats: readonly string[] = ['oci-archive', 'docker-archive', 'oci-dir', 'docker-dir'] satisfies SaveFormat[];

const flags = defineFlags({
  compress: { type: 'boolean', describe: 'Compress the layers of a docker-dir' },
  format: {
    type: 'string',
    default: 'docker-archive',
    describe: 'What to write: oci-archive, oci-dir, docker-archive or docker-dir',
    complete: 'none',
  },
  'multi-image-archive': { type: 'boolean', alias: 'm', describe: 'Every operand is an image, not a tag of the first' },
  output: {
    type: 'string',
    alias: 'o',
    describe: 'File or folder to write (default: standard output)',
    complete: 'files',
  },
  quiet: { type: 'boolean', alias: 'q', describe: 'Print nothing' },
  'signature-policy': { type: 'string', hidden: true, describe: 'Path of a policy.json' },
  uncompressed: { type: 'boolean', describe: 'Leave the layers of OCI images uncompressed' },
});

export default defineCommand({
  usage: 'save [options] IMAGE [IMAGE...]',
  describe: 'Save image(s) to an archive',
  long: 'Writes images to an archive or a folder that load, Docker and skopeo read.',
  flags,
  operands: { complete: 'images' },
  examples: [
    'save --quiet -o myimage.tar imageID',
    'save --format docker-dir -o ubuntu-dir ubuntu',
    'save > alpine-all.tar alpine:latest',
  ],
  async handler(args, context) {
    check(args, context);
    const { operands, output, quiet, multiImageArchive } = args;
    const names = multiImageArchive ? operands : operands.slice(0, 1);
    const tags = multiImageArchive ? [] : operands.slice(1);
    const progress = copyProgress(context, quiet || !output);
    try {
      await saveImages(context.engine, names, {
        format: args.format as SaveFormat,
        output: output || ((bytes) => context.stdout(bytes)),
        tags,
        compress: args.compress,
        ...(args.uncompressed ? { uncompressed: true } : {}),
        onProgress: progress.onProgress,
      });
    } finally {
      progress.end();
    }
  },
});

function check({ operands, format, compress, output }: Args<typeof flags>, context: Context): void {
  if (operands.length === 0) throw bad('need at least 1 argument');
  if (!formats.includes(format)) throw bad('format value must be one of oci-dir oci-archive docker-dir docker-archive');
  if (compress && format !== 'docker-dir') throw bad("--compress can only be set when --format is 'docker-dir'");
  if (!output && context.stdoutIsTerminal) throw bad('refusing to save to terminal. Use -o flag or redirect');
  if (output?.includes(':')) throw bad(`invalid filename (should not contain ':') "${output}"`);
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
