/** Whether a copy would change nothing, because the target has the very manifest already. */
import { hasCode } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import { parseManifest } from '../../registry/manifest.ts';
import { hostPlatform } from '../../registry/platform.ts';
import type { ImageContext } from '../context.ts';
import type { ImageName, ImageReader, RawManifest } from '../transport/transport.ts';
import { chooseFrom } from './choose.ts';
import type { CopyOptions } from './copy-image.ts';
import { obeyPolicy } from './obey-policy.ts';

/**
 * The digest of a manifest that is at the target already; null when it is not. The policy is asked first: what is
 * there may have come there before the policy did.
 *
 * @throws TspodError POLICY and its relatives, and what the places throw
 */
export async function sameThere(
  context: ImageContext,
  { reader, top, to }: { reader: ImageReader; top: RawManifest; to: ImageName },
  options: CopyOptions,
): Promise<Digest | null> {
  const converts = options.format !== undefined || options.compression !== undefined || options.signers?.length;
  if (!options.skipSame || converts || to.transport !== 'docker') return null;
  const raw = await chosen(reader, top, options);
  const there = await digestThere(context, to, options);
  if (there !== raw.digest) return null;
  await obeyPolicy(reader, raw, options);
  return there;
}

async function chosen(reader: ImageReader, top: RawManifest, { select, platform }: CopyOptions): Promise<RawManifest> {
  const parsed = parseManifest(top.bytes, top.mediaType);
  const wantsOne = select === undefined || select === 'system';
  return parsed.kind === 'index' && wantsOne ? reader.manifest(chooseFrom(parsed, platform ?? hostPlatform())) : top;
}

async function digestThere(context: ImageContext, to: ImageName, { target }: CopyOptions): Promise<Digest | null> {
  try {
    const reader = await to.read(context, target);
    try {
      return (await reader.manifest()).digest;
    } finally {
      await reader.close();
    }
  } catch (error) {
    // A repository that does not exist yet, or one that may be written but not read.
    if (hasCode(error, 'NOT_FOUND', 'UNAUTHORIZED')) return null;
    throw error;
  }
}
