/** The configuration of an image that comes from a registry or an archive: untrusted JSON becomes typed. */

import { messageOf, TspodError } from '../errors.ts';
import { parseBoundedJson } from '../oci/bounded-json.ts';
import { isDigest } from '../oci/digest.ts';
import type { ImageConfig } from '../oci/image-spec.ts';

/**
 * Parses a configuration and checks it against the number of layers in the manifest.
 *
 * @throws TspodError CORRUPT_BLOB
 */
export function parseImageConfig(bytes: Uint8Array, layers: number): ImageConfig {
  let parsed: unknown;
  try {
    parsed = parseBoundedJson(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw bad(`it is no JSON: ${messageOf(error).slice(0, 120)}`, error);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw bad('it is no JSON object');
  const config = parsed as Record<string, unknown>;
  const rootfs = config['rootfs'] as { diff_ids?: unknown } | undefined;
  const diffIds: unknown = rootfs?.diff_ids ?? [];
  if (!Array.isArray(diffIds) || !diffIds.every(isDigest)) throw bad('its rootfs.diff_ids are no list of digests');
  if (diffIds.length !== layers) throw bad(`it names ${diffIds.length} layers, the manifest ${layers}`);
  return { ...config, rootfs: { type: 'layers', diff_ids: diffIds } } as unknown as ImageConfig;
}

function bad(reason: string, cause?: unknown): TspodError {
  return new TspodError('CORRUPT_BLOB', `invalid image configuration: ${reason}`, { cause });
}
