/**
 * Manifests and indexes: the one place where their JSON, which comes from a stranger, becomes typed.
 * Strict on purpose: what two readers could understand differently is refused (CVE-2021-41190).
 */

import { createHash } from 'node:crypto';
import { messageOf, TspodError } from '../errors.ts';
import { parseBoundedJson } from '../oci/bounded-json.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import type { Descriptor, Index, Manifest } from '../oci/image-spec.ts';
import { mediaTypes } from '../oci/media-types.ts';
import { repeatedKey } from './json-keys.ts';

/** Longest manifest that is read, in bytes: 4 MiB, as in containers/image. */
export const manifestLimit = 4 * 1024 * 1024;

/** More layers than the overlay driver can mount. */
export const maxLayers = 500;

export const manifestTypes = [
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  mediaTypes.dockerManifest,
  mediaTypes.dockerList,
];

export type ParsedManifest =
  | { kind: 'manifest'; mediaType: string; manifest: Manifest }
  | { kind: 'index'; mediaType: string; index: Index };

/**
 * Parses the bytes of a manifest or an index.
 *
 * @param contentType what the registry called it; '' when unknown
 * @throws TspodError CORRUPT_BLOB
 */
export function parseManifest(bytes: Uint8Array, contentType = ''): ParsedManifest {
  const object = parseObject(bytes);
  const mediaType = mediaTypeOf(object, contentType);
  const { layers, manifests, config } = object;
  if (manifests !== undefined && (layers !== undefined || config !== undefined)) {
    throw bad('it has the fields of both a manifest and an index');
  }
  if (isIndexType(mediaType)) {
    return { kind: 'index', mediaType, index: { ...object, manifests: descriptors(manifests, 'manifests') } as Index };
  }
  if (mediaType !== mediaTypes.ociManifest && mediaType !== mediaTypes.dockerManifest) {
    throw new TspodError('UNSUPPORTED', `unsupported manifest type "${mediaType}"`);
  }
  const manifest = {
    ...object,
    config: descriptor(config, 'config'),
    layers: descriptors(layers, 'layers'),
  } as Manifest;
  if (manifest.layers.length > maxLayers) {
    throw bad(`it has ${manifest.layers.length} layers: at most ${maxLayers} can be mounted`);
  }
  return { kind: 'manifest', mediaType, manifest };
}

export function isIndexType(mediaType: string): boolean {
  return mediaType === mediaTypes.ociIndex || mediaType === mediaTypes.dockerList;
}

/** The sha256 digest of some bytes. */
export function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

function parseObject(bytes: Uint8Array): Record<string, unknown> {
  let parsed: unknown;
  const text = Buffer.from(bytes).toString('utf8');
  try {
    parsed = parseBoundedJson(text);
  } catch (error) {
    throw bad(messageOf(error).slice(0, 120), error);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw bad('it is no JSON object');
  const repeated = repeatedKey(text);
  if (repeated !== null) throw bad(`field "${repeated}" occurs more than once`);
  return parsed as Record<string, unknown>;
}

function mediaTypeOf(object: Record<string, unknown>, contentType: string): string {
  if (object['schemaVersion'] === 1) {
    throw new TspodError('UNSUPPORTED', 'manifests of Docker schema 1 are not supported any more');
  }
  const said = contentType.split(';')[0]?.trim() ?? '';
  const inside = object['mediaType'];
  if (inside !== undefined && typeof inside !== 'string') throw bad('its mediaType is no text');
  const known = (manifestTypes as string[]).includes(said);
  if (inside && known && inside !== said) throw bad(`it was sent as "${said}" but says that it is "${inside}"`);
  if (inside) return inside;
  if (known) return said;
  return object['manifests'] === undefined ? mediaTypes.ociManifest : mediaTypes.ociIndex;
}

function descriptors(value: unknown, field: string): Descriptor[] {
  if (!Array.isArray(value)) throw bad(`its ${field} are no list`);
  return value.map((item: unknown) => descriptor(item, field));
}

function descriptor(value: unknown, field: string): Descriptor {
  if (typeof value !== 'object' || value === null) throw bad(`a descriptor in ${field} is no object`);
  const { mediaType, digest, size } = value as Record<string, unknown>;
  if (!isDigest(digest)) throw bad(`invalid digest ${JSON.stringify(digest)?.slice(0, 100)} in ${field}`);
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) throw bad(`invalid size in ${field}`);
  if (mediaType !== undefined && typeof mediaType !== 'string') throw bad(`invalid mediaType in ${field}`);
  return value as Descriptor;
}

function bad(reason: string, cause?: unknown): TspodError {
  return new TspodError('CORRUPT_BLOB', `invalid manifest: ${reason}`, { cause });
}
