/** `image copy`, and skopeo's `copy`. */
import { writeFileSync } from 'node:fs';
import type { Args, Context } from '../../cli/command.ts';
import { messageOf, TspodError } from '../../errors.ts';
import { type CopyOptions, copyImage } from '../../image/copy/copy-image.ts';
import type { Family } from '../../image/copy/media-type.ts';
import { parseImageName } from '../../image/transport/parse.ts';
import type { ImageName } from '../../image/transport/transport.ts';
import { formatReference, parseDocker } from '../../registry/reference.ts';
import { signersOf } from '../signing-flags.ts';
import type { copyFlags } from './flags.ts';
import { sideOptions, targetOptions } from './side.ts';
import { policyOf, progressOf, remoteSystem, type TransferSystem } from './system.ts';

type CopyArgs = Args<typeof copyFlags>;

/** @throws TspodError */
export async function runCopy(args: CopyArgs, context: Context, system: TransferSystem): Promise<void> {
  const [source = '', target = ''] = args.operands;
  const from = named(source, 'source');
  const to = named(target, 'destination');
  const progress = progressOf(context, system, args.quiet);
  const signers = await signersOf(args, context);
  const options = { ...copyOptions(args, system), signers, onProgress: progress.onProgress };
  if (args.destCompress && to.transport !== 'dir') warn(context, '--dest-compress', 'dir');
  if (args.destDecompress && to.transport !== 'dir') warn(context, '--dest-decompress', 'dir');
  try {
    const digest = await copyImage(context.engine, from, to, options);
    if (args.digestfile) writeDigest(args.digestfile, digest);
  } finally {
    progress.end();
  }
}

function copyOptions(args: CopyArgs, system: TransferSystem): Omit<CopyOptions, 'onProgress'> {
  const remote = remoteSystem(system);
  return {
    source: { ...remote, ...sideOptions(args, 'src') },
    target: { ...remote, ...targetOptions(args), additionalTags: args.additionalTag.map(additionalTag) },
    select: selection(args),
    platform: system.platform,
    format: manifestFamily(args.format),
    compression: compressionOf(args),
    preserveDigests: args.preserveDigests,
    removeSignatures: args.removeSignatures,
    ...(args.signIdentity ? { identity: parseDocker(args.signIdentity) } : {}),
    parallel: args.imageParallelCopies,
    ...policyOf(system),
  };
}

function named(text: string, what: string): ImageName {
  try {
    return parseImageName(text);
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    throw new TspodError(error.code, `invalid ${what} name ${text}: ${error.message}`, { cause: error });
  }
}

function selection({ all, multiArch }: CopyArgs): CopyOptions['select'] {
  if (all && multiArch !== undefined) throw bad('cannot use --all and --multi-arch flags together');
  if (all) return 'all';
  if (multiArch === undefined || multiArch === 'system') return 'system';
  if (multiArch === 'all' || multiArch === 'index-only') return multiArch;
  throw bad(`unknown multi-arch option "${multiArch}", choose "system", "all" or "index-only"`);
}

/** @throws TspodError BAD_ARGUMENT, UNSUPPORTED for schema 1 */
export function manifestFamily(format: string | undefined): Family | undefined {
  if (format === undefined || format === '') return undefined;
  if (format === 'oci') return 'oci';
  if (format === 'v2s2') return 'docker';
  if (format === 'v2s1') throw new TspodError('UNSUPPORTED', 'manifests of Docker schema 1 are not supported any more');
  throw bad(`unknown format "${format}", choose "oci" or "v2s2"`);
}

const levels = { gzip: 9, zstd: 22 };

function compressionOf({ destCompressFormat: format = '', destCompressLevel: level }: CopyArgs) {
  if (format === '' && level === undefined) return undefined;
  const known = format === '' ? 'gzip' : format;
  if (known === 'zstd:chunked')
    throw new TspodError('UNSUPPORTED', 'compression format "zstd:chunked" is not supported by copy');
  if (known !== 'gzip' && known !== 'zstd') throw bad(`cannot find compressor for "${format}"`);
  if (level !== undefined && (level < 1 || level > levels[known])) {
    throw bad(`compression level ${level} of ${known} is not from 1 to ${levels[known]}`);
  }
  return { format: known, level, recompress: format !== '' } as const;
}

function additionalTag(text: string): string {
  const reference = parseDocker(text);
  if (reference.tag === '' || reference.digest !== '') throw bad(`additional-tag '${text}' must be a tagged reference`);
  return formatReference(reference);
}

function writeDigest(path: string, digest: string): void {
  try {
    writeFileSync(path, digest);
  } catch (cause) {
    throw new TspodError('SYSTEM', `failed to write digest to file "${path}": ${messageOf(cause)}`, { cause });
  }
}

function warn(context: Context, flag: string, transport: string): void {
  context.stderr(`${flag} can only be used if the destination transport is '${transport}'\n`);
}

function bad(message: string): TspodError {
  return new TspodError('BAD_ARGUMENT', message);
}
