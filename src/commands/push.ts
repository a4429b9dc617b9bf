import { writeFileSync } from 'node:fs';
import { type Args, defineCommand, defineFlags } from '../cli/command.ts';
import { TspodError } from '../errors.ts';
import { type PushOptions, pushImage } from '../image/push.ts';
import type { BlobEncoding } from '../image/save/layer-blob.ts';
import { type SaveFormat, saveImages } from '../image/save.ts';
import { copyProgress } from './copy-progress.ts';
import { registryFlags, remoteOptions } from './registry-flags.ts';
import { signersOf, signingFlags } from './signing-flags.ts';

const later = 'not supported yet';

interface CompressionArgs {
  given: ReadonlySet<string>;
  compressionFormat?: string | undefined;
  compressionLevel?: number | undefined;
  forceCompression?: boolean | undefined;
}

const flags = defineFlags({
  ...registryFlags,
  ...signingFlags,
  compress: { type: 'boolean', describe: 'Compress the layers in a folder' },
  'compression-format': {
    type: 'string',
    describe: 'How layers are compressed: gzip, zstd or zstd:chunked',
    complete: 'none',
  },
  'compression-level': { type: 'number', valueName: 'int', describe: 'Level of the compression' },
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
  },
  'retry-delay': { type: 'string', describe: 'Time between tries after push failures' },
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
      const local = localTarget(destination);
      const event = { status: 'push', name: destination };
      if (local)
        return await saveImages(context.engine, [source], { ...local, compress: args.compress, onProgress, event });
      const signers = await signersOf(args, context);
      const copy = { ...compressionOf(args), format: manifestFormat(args), signers, onProgress };
      const options = { ...remoteOptions(args), ...copy };
      const digest = await pushImage(context.engine, source, destination, options);
      if (args.digestfile) writeFileSync(args.digestfile, digest);
    } finally {
      progress.end();
    }
  },
});

const levels: Record<BlobEncoding['compression'], number> = { none: 0, gzip: 9, zstd: 20, 'zstd:chunked': 20 };

/** A format that is asked for is forced, unless the other flag says no. @throws TspodError BAD_ARGUMENT */
export function compressionOf(args: CompressionArgs): Pick<PushOptions, 'encoding' | 'forceCompression'> {
  const { compressionFormat = '', compressionLevel: level, forceCompression, given } = args;
  const compression = (compressionFormat || 'gzip') as BlobEncoding['compression'];
  if (compression === 'none' || levels[compression] === undefined) {
    throw new TspodError('BAD_ARGUMENT', `cannot find compressor for "${compression}"`);
  }
  if (level !== undefined && (level < 1 || level > levels[compression])) {
    throw new TspodError(
      'BAD_ARGUMENT',
      `compression level ${level} of ${compression} is not from 1 to ${levels[compression]}`,
    );
  }
  const force = given.has('force-compression') ? forceCompression : given.has('compression-format');
  return { encoding: { compression, level }, forceCompression: force };
}

/** @throws TspodError BAD_ARGUMENT */
function manifestFormat({ format }: Args<typeof flags>): 'oci' | 'v2s2' | undefined {
  if (!format) return undefined;
  if (format === 'oci') return 'oci';
  if (format === 'v2s2' || format === 'docker') return 'v2s2';
  throw new TspodError(
    'BAD_ARGUMENT',
    `unknown format "${format}". Choose on of the supported formats: 'oci' or 'v2s2'`,
  );
}

/** `dir:PATH` and its relatives. */
function localTarget(destination: string): { format: SaveFormat; output: string } | null {
  const transports: Record<string, SaveFormat> = {
    'docker-archive': 'docker-archive',
    'oci-archive': 'oci-archive',
    oci: 'oci-dir',
    dir: 'docker-dir',
  };
  const match = /^([a-z-]+):([^:]+)/.exec(destination);
  const format = transports[match?.[1] ?? ''];
  return format && match?.[2] && /^[./]/.test(match[2]) ? { format, output: match[2] } : null;
}
