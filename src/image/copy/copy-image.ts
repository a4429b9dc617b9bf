/** Copies an image from any place to any other: what `image copy`, `image sync` and skopeo do. */
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Platform } from '../../oci/image-spec.ts';
import { type ParsedManifest, parseManifest } from '../../registry/manifest.ts';
import { hostPlatform } from '../../registry/platform.ts';
import type { Reference } from '../../registry/reference.ts';
import type { ImageContext } from '../context.ts';
import type { OnCopyEvent } from '../events.ts';
import { refuseRejected } from '../signature/enforce.ts';
import type { Signer } from '../signature/signer.ts';
import type {
  ImageName,
  ImageReader,
  ImageWriter,
  RawManifest,
  SourceOptions,
  StoreWriter,
  TargetOptions,
} from '../transport/transport.ts';
import { chooseFrom } from './choose.ts';
import { copyIndex } from './copy-index.ts';
import { copyInstance } from './copy-instance.ts';
import type { Compression } from './encoded.ts';
import { copyIntoStore } from './into-store.ts';
import type { Family } from './media-type.ts';
import { sameThere } from './same-there.ts';

export interface CopyOptions {
  source: SourceOptions;
  target: TargetOptions;
  /** Of an index: the image of one platform (default), all, or the index without its images. */
  select?: 'system' | 'all' | 'index-only' | undefined;
  /** Default: this machine's. */
  platform?: Platform | undefined;
  /** Type of the manifest; default: that of the source where the target takes it. */
  format?: Family | undefined;
  /** For layers that are compressed on the way; `recompress`: also those that are compressed otherwise. */
  compression?: { format: Exclude<Compression, 'none'>; level?: number | undefined; recompress: boolean } | undefined;
  /** An error where a manifest would change. */
  preserveDigests?: boolean | undefined;
  /** Leave the signatures of the source behind. */
  removeSignatures?: boolean | undefined;
  /** What signs the copy. */
  signers?: readonly Signer[] | undefined;
  /** The name that is signed; default: that of the target. */
  identity?: Reference | undefined;
  /** Do nothing when a registry has the very manifest under that name already. */
  skipSame?: boolean | undefined;
  /** Layers at once. Default 6. */
  parallel?: number | undefined;
  /** A policy.json in place of the user's. */
  policyFile?: string | undefined;
  /** Ask no policy. */
  insecurePolicy?: boolean | undefined;
  onProgress: OnCopyEvent;
}

/** One copy that is under way. */
export interface Copying extends Omit<CopyOptions, 'source' | 'target'> {
  reader: ImageReader;
  writer: ImageWriter;
}

/**
 * Copies one image.
 *
 * @returns the digest of the manifest at the target
 * @throws TspodError of the places, CORRUPT_BLOB, UNSUPPORTED for a conversion that is not possible
 */
export async function copyImage(
  context: ImageContext,
  from: ImageName,
  to: ImageName,
  options: CopyOptions,
): Promise<Digest> {
  const reader = await from.read(context, options.source).catch((error: unknown) => {
    throw prefixed(error, `initializing source ${from.transport}:${from.rest}: `);
  });
  try {
    if (!options.insecurePolicy) refuseRejected(reader.subject, policyFileOf(context, options));
    const top = await reader.manifest();
    const identity = options.identity ?? to.reference ?? undefined;
    const obeying = { ...options, identity, policyFile: policyFileOf(context, options) };
    const same = await sameThere(context, { reader, top, to }, obeying);
    if (same) return same;
    const writer = await openTarget(context, from, to, options);
    if (writer.kind === 'store') return (await copyIntoStore(writer, reader, top, obeying)).digest;
    options.onProgress({ type: 'signatures' });
    return await copyBlobs(writer, reader, top, obeying);
  } finally {
    await reader.close();
  }
}

function policyFileOf({ systemContext }: ImageContext, { policyFile }: CopyOptions): string | undefined {
  return policyFile ?? systemContext?.policyFile;
}

async function openTarget(
  context: ImageContext,
  from: ImageName,
  to: ImageName,
  { target }: CopyOptions,
): Promise<ImageWriter | StoreWriter> {
  const mountFrom = from.transport === 'docker' ? (from.reference ?? undefined) : undefined;
  try {
    return await to.write(context, { ...target, mountFrom });
  } catch (error) {
    throw prefixed(error, `initializing destination ${to.transport}:${to.rest}: `);
  }
}

async function copyBlobs(
  writer: ImageWriter,
  reader: ImageReader,
  top: RawManifest,
  options: CopyOptions,
): Promise<Digest> {
  try {
    const digest = await copyTop({ ...options, reader, writer }, top);
    await writer.commit();
    return digest;
  } finally {
    await writer.close();
  }
}

async function copyTop(copying: Copying, top: RawManifest): Promise<Digest> {
  const parsed = parseManifest(top.bytes, top.mediaType);
  if (parsed.kind === 'manifest') return (await copyInstance(copying, withType(top, parsed))).digest;
  const { select = 'system', platform = hostPlatform() } = copying;
  if (select !== 'system') return (await copyIndex(copying, withType(top, parsed), parsed.index)).digest;
  const instance = await copying.reader.manifest(chooseFrom(parsed, platform));
  return (await copyInstance(copying, withType(instance, parseManifest(instance.bytes, instance.mediaType)))).digest;
}

function withType(manifest: RawManifest, { mediaType }: ParsedManifest): RawManifest {
  return { ...manifest, mediaType };
}

/** The same error with what was tried in front. */
export function prefixed(error: unknown, prefix: string): unknown {
  if (!(error instanceof TspodError)) return error;
  const hint = error.hint === undefined ? {} : { hint: error.hint };
  return new TspodError(error.code, prefix + error.message, { cause: error, ...hint });
}
