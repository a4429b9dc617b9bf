/** How layers and manifests shall look in a registry: flags of `push` and `manifest push`. */
import { TspodError } from '../errors.ts';
import type { PushOptions } from '../image/push.ts';
import type { BlobEncoding } from '../image/save/layer-blob.ts';

interface CompressionArgs {
  given: ReadonlySet<string>;
  compressionFormat?: string | undefined;
  compressionLevel?: number | undefined;
  forceCompression?: boolean | undefined;
}

const levels = new Map<string, number>([
  ['gzip', 9],
  ['zstd', 20],
  ['zstd:chunked', 20],
]);

/** What containers.conf says, where the line does not. */
interface CompressionDefaults {
  compressionFormat: string;
  compressionLevel: number | undefined;
}

/** A format that the line asks for is forced, unless the other flag says no. @throws TspodError BAD_ARGUMENT */
export function compressionOf(
  args: CompressionArgs,
  defaults: CompressionDefaults,
): Pick<PushOptions, 'encoding' | 'forceCompression'> {
  const { forceCompression, given, compressionLevel: level = defaults.compressionLevel } = args;
  const compression = checkCompression(args.compressionFormat || defaults.compressionFormat);
  const most = levels.get(compression) ?? 0;
  if (level !== undefined && (level < 1 || level > most)) {
    throw new TspodError('BAD_ARGUMENT', `compression level ${level} of ${compression} is not from 1 to ${most}`);
  }
  const force = given.has('force-compression') ? forceCompression : given.has('compression-format');
  return { encoding: { compression, level }, forceCompression: force };
}

/** @throws TspodError BAD_ARGUMENT */
export function checkCompression(name: string): BlobEncoding['compression'] {
  if (levels.has(name)) return name as BlobEncoding['compression'];
  throw new TspodError('BAD_ARGUMENT', `cannot find compressor for "${name}"`);
}

/** @throws TspodError BAD_ARGUMENT */
export function manifestFormat(format: string | undefined): 'oci' | 'v2s2' | undefined {
  if (!format) return undefined;
  if (format === 'oci') return 'oci';
  if (format === 'v2s2' || format === 'docker') return 'v2s2';
  throw new TspodError(
    'BAD_ARGUMENT',
    `unknown format "${format}". Choose on of the supported formats: 'oci' or 'v2s2'`,
  );
}
