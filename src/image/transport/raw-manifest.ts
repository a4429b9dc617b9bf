import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import { digestOf } from '../../registry/manifest.ts';
import type { RawManifest } from './transport.ts';

/** Bytes with their digest, checked. @throws TspodError CORRUPT_BLOB when it is not the one that was promised */
export function rawManifest(bytes: Buffer, promised?: Digest, mediaType = ''): RawManifest {
  const digest = digestOf(bytes);
  if (promised !== undefined && digest !== promised) {
    throw new TspodError('CORRUPT_BLOB', `manifest has digest ${digest}, expected ${promised}`);
  }
  return { bytes, digest, mediaType };
}
