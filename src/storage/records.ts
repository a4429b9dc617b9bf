/**
 * The records of layers.json, images.json, containers.json and mountpoints.json, with the names of the JSON. Fields
 * that are not listed are kept as they were read, so that a newer Podman's survive a write by tspod.
 */
import type { Digest } from '../oci/digest.ts';

export interface IdMap {
  container_id: number;
  host_id: number;
  size: number;
}

export interface RecordFlags {
  /** The layer is being made or deleted: whoever holds the write lock removes it. */
  incomplete?: boolean;
  [flag: string]: unknown;
}

export interface LayerRecord {
  /** 64 hex characters. */
  id: string;
  names?: string[];
  /** Absent for a base layer. */
  parent?: string;
  metadata?: string;
  mountlabel?: string;
  /** RFC 3339 with nanoseconds. */
  created: string;
  'compressed-diff-digest'?: Digest;
  'compressed-size'?: number;
  /** The diff-id; absent for the writable layer of a container. */
  'diff-digest'?: Digest;
  'toc-digest'?: Digest;
  /** Bytes of the uncompressed tar. */
  'diff-size'?: number;
  /** 0 none (left out), 1 bzip2, 2 gzip, 3 xz, 4 zstd. */
  compression?: number;
  uidset?: number[];
  gidset?: number[];
  flags?: RecordFlags;
  uidmap?: IdMap[];
  gidmap?: IdMap[];
  'big-data-names'?: string[];
}

export interface ImageRecord {
  id: string;
  digest?: Digest;
  names?: string[];
  'names-history'?: string[];
  /** Top layer; absent for an image without layers. */
  layer?: string;
  'mapped-layers'?: string[];
  metadata?: string;
  'big-data-names'?: string[];
  'big-data-sizes'?: Record<string, number>;
  'big-data-digests'?: Record<string, Digest>;
  created: string;
  flags?: RecordFlags;
}

export interface ContainerRecord {
  id: string;
  names?: string[];
  /** '' for a container without image. */
  image: string;
  layer: string;
  /** JSON text; Podman's has image-name, image-id, name and created-at. */
  metadata?: string;
  'big-data-names'?: string[];
  'big-data-sizes'?: Record<string, number>;
  'big-data-digests'?: Record<string, Digest>;
  created: string;
  uidmap?: IdMap[];
  gidmap?: IdMap[];
  flags?: RecordFlags;
}

/** One mounted layer. Only entries with a count above zero are written. */
export interface MountRecord {
  id: string;
  path: string;
  count: number;
}
