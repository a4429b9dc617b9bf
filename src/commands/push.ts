import { writeFileSync } from 'node:fs';
import { type Args, type Context, defineCommand, defineFlags } from '../cli/command.ts';
import type { CopyOptions } from '../image/copy/copy-image.ts';
import type { OnCopyEvent } from '../image/events.ts';
import { findImage } from '../image/lookup.ts';
import { type PushOptions, pushImage } from '../image/push.ts';
import { isLocalTarget, pushLocal } from '../image/push-local.ts';
import { isManifestList } from '../storage/image-data.ts';
import { copyProgress } from './copy-progress.ts';
import { compressionOf, manifestFormat } from './push-format.ts';
import { registryFlags, remoteOptions } from './registry-flags.ts';
import { signersOf, signingFlags } from './signing-flags.ts';

const later = 'not supported yet';

const flags = defineFlags({
  ...registryFlags,
  ...signingFlags,
  compress: { type: 'boolean', describe: 'Compress the layers in a folder' },
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
  digestfile: { type: 'string', describe: 'File to write the digest of the manifest to', complete: 'files' },
  'disable-content-trust': { type: 'boolean', describe: 'Does nothing; for the sake of Docker' },
  'encrypt-layer': { type: 'list', describe: 'Layers to encrypt', unsupported: later },
  'encryption-key': { type: 'list', describe: 'Key to encrypt with', unsupported: later },
  'force-compression': { type: 'boolean', describe: 'Do not use blobs that are compressed otherwise' },
  format: { type: 'string', alias: 'f', describe: 'Type of the manifest: oci or v2s2', complete: 'none' },
  quiet: { type: 'boolean', alias: 'q', describe: 'Print nothing' },
  'remove-signatures': { type: 'boolean', describe: 'Do not copy signatures' },
  retry: {
    type: 'number',
    valueName: 'uint',
    describe: 'Further tries after a failure when performing push',
    default: 3,
    conf: 'retry',
  },
  'retry-delay': { type: 'string', describe: 'Time between tries after push failures', conf: 'retryDelay' },
  'signature-policy': { type: 'string', hidden: true, describe: 'Path of a policy.json' },
});

export default defineCommand({
  usage: 'push [options] IMAGE [DESTINATION]',
  describe: 'Push an image to a specified destination',
  long: 'Copies an image of the store to a registry, an archive or a folder.',
  flags,
  operands: { min: 1, max: 2, complete: 'images' },
  examples: [
    'push imageID docker://registry.example.com/repository:tag',
    'push imageID oci-archive:/path/to/layout:image:tag',
  ],
  async handler(args, context) {
    const [source = '', destination = ''] = args.operands;
    const progress = copyProgress(context, args.quiet);
    const { onProgress } = progress;
    try {
      if (isLocalTarget(destination)) {
        const digest = await pushLocal(context.engine, source, destination, localOptions(args, context, onProgress));
        if (args.digestfile) writeFileSync(args.digestfile, digest);
        return;
      }
      const signers = await signersOf(args, context);
      const copy = {
        ...compressionOf(args, context.engine.conf.engine),
        format: manifestFormat(args.format),
        signers,
        onProgress,
      };
      const options = { ...remoteOptions(args), ...copy };
      const digest = await pushAny(context, source, destination, options);
      if (args.digestfile) writeFileSync(args.digestfile, digest);
    } finally {
      progress.end();
    }
  },
});

/** A manifest list is pushed with all its images. */
async function pushAny(
  { engine }: Context,
  source: string,
  destination: string,
  options: PushOptions,
): Promise<string> {
  const found = findImage(engine, source);
  if (!found || !isManifestList(found.record)) return pushImage(engine, source, destination, options);
  const { pushList } = await import('../image/manifest-list/push.ts');
  return pushList(engine, source, destination, options);
}

function localOptions(
  args: Args<typeof flags>,
  { engine }: Context,
  onProgress: OnCopyEvent,
): Omit<CopyOptions, 'source'> {
  const { encoding } = compressionOf(args, engine.conf.engine);
  const compression = encoding?.compression === 'zstd' ? 'zstd' : 'gzip';
  const format = manifestFormat(args.format);
  return {
    target: { compress: args.compress },
    ...(format ? { format: format === 'oci' ? 'oci' : 'docker' } : {}),
    compression: { format: compression, level: encoding?.level, recompress: false },
    onProgress,
  };
}
