import { writeFileSync } from 'node:fs';
import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { requireList } from '../image/manifest-list/list.ts';
import { pushList } from '../image/manifest-list/push.ts';
import { removeImages } from '../image/remove.ts';
import { copyProgress } from './copy-progress.ts';
import { insecureFlags, insecureOptions } from './manifest-flags.ts';
import { checkCompression, compressionOf, manifestFormat } from './push-format.ts';
import { registryFlags } from './registry-flags.ts';
import { signersOf, signingFlags } from './signing-flags.ts';

const flags = defineFlags({
  ...registryFlags,
  ...insecureFlags,
  'add-compression': { type: 'csv', describe: 'Push every image once more, compressed like this', complete: 'none' },
  all: { type: 'boolean', default: true, describe: 'Push the images of the list too' },
  'compression-format': {
    type: 'string',
    describe: 'compression format to use',
    complete: 'none',
    conf: 'compressionFormat',
  },
  'compression-level': {
    type: 'number',
    valueName: 'int',
    describe: 'compression level to use',
    conf: 'compressionLevel',
  },
  digestfile: { type: 'string', describe: 'File to write the digest of the list to', complete: 'files' },
  'force-compression': { type: 'boolean', describe: 'Do not use blobs that are compressed otherwise' },
  format: { type: 'string', alias: 'f', describe: 'Type of the manifests: oci or v2s2', complete: 'none' },
  purge: { type: 'boolean', alias: 'p', hidden: true, describe: 'Remove the list afterwards' },
  quiet: { type: 'boolean', alias: 'q', describe: 'Print nothing' },
  'remove-signatures': { type: 'boolean', describe: 'Do not copy signatures' },
  rm: { type: 'boolean', describe: 'Remove the list when it was pushed' },
  ...signingFlags,
});

export default defineCommand({
  usage: 'push [options] LIST DESTINATION',
  describe: 'Push a manifest list or image index to a registry',
  long: 'Copies a manifest list and its images to a registry.',
  flags,
  operands: { min: 1, max: 2, complete: 'images' },
  examples: ['manifest push mylist:v1.11 docker://quay.io/myuser/image:v1.11'],
  async handler(args, context) {
    const [name = '', destination = ''] = args.operands;
    if (name === '') throw new TspodError('BAD_ARGUMENT', `invalid image name "${name}"`);
    const digest = await push(args, context, name, destination);
    if (args.digestfile) writeFileSync(args.digestfile, digest);
    if (!args.rm && !args.purge) return;
    const { errors } = await removeImages(context.engine, [requireList(context.engine, name).id], { force: true });
    if (errors.length > 0) throw errors[0];
  },
});

async function push(args: Args<typeof flags>, context: Context, name: string, destination: string): Promise<string> {
  const addCompression = args.addCompression.map(checkCompression);
  const options = {
    ...insecureOptions(args),
    ...compressionOf(args, context.engine.conf.engine),
    format: manifestFormat(args.format),
    all: args.all,
  };
  const progress = copyProgress(context, args.quiet);
  try {
    return await pushList(context.engine, name, destination, {
      ...options,
      addCompression,
      signers: await signersOf(args, context),
      onProgress: progress.onProgress,
    });
  } finally {
    progress.end();
  }
}
