import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { Platform } from '../../oci/image-spec.ts';
import type { ParsedManifest } from '../../registry/manifest.ts';
import { chooseInstance } from '../../registry/platform.ts';

/** The digest of the image for a platform. @throws TspodError NOT_FOUND */
export function chooseFrom(parsed: Extract<ParsedManifest, { kind: 'index' }>, platform: Platform): Digest {
  try {
    return chooseInstance(parsed.index, platform, parsed.mediaType).digest;
  } catch (error) {
    if (!(error instanceof TspodError)) throw error;
    const message = error.message.replace(/^choosing image from manifest list: /, '');
    throw new TspodError(error.code, `choosing image instance: ${message}`, { cause: error });
  }
}
