import { defineCommand, defineFlags } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { signImage } from '../image/sign.ts';
import { simpleSigner } from '../image/signature/signer.ts';
import { remoteOptions } from './registry-flags.ts';

const flags = defineFlags({
  all: { type: 'boolean', alias: 'a', describe: 'Sign all the manifests of the multi-architecture image' },
  authfile: { type: 'string', describe: 'File with the credentials of registries', complete: 'files' },
  'cert-dir': { type: 'string', describe: 'Folder with TLS certificates and keys', complete: 'files' },
  directory: {
    type: 'string',
    alias: 'd',
    describe: 'Folder to put the signatures into (default: that of registries.d)',
    complete: 'files',
  },
  'sign-by': { type: 'string', describe: 'Name of the signing key', complete: 'none' },
});

export default defineCommand({
  usage: 'sign [options] IMAGE [IMAGE...]',
  describe: 'Sign an image',
  long: 'Makes signatures of images with a key of GnuPG, which a policy can ask for when the image is pulled.',
  flags,
  operands: { min: 1, complete: 'images' },
  examples: [
    'image sign --sign-by mykey docker://quay.io/mine/image:tag',
    'image sign --sign-by mykey --directory ./signatures containers-storage:quay.io/mine/image:tag',
  ],
  async handler(args, context) {
    const { operands, signBy, directory, all } = args;
    if (!signBy) throw new TspodError('BAD_ARGUMENT', 'no identity provided');
    const options = { ...remoteOptions(args), signer: simpleSigner({ key: signBy }), all };
    for (const name of operands) {
      await signImage(context.engine, name, { ...options, directory: directory || undefined });
    }
  },
});
