/** Annotations of layers whose files can be fetched one by one. */

/** zstd:chunked: where the table of contents and the tar-split lie in the blob (containers/storage, pkg/chunked). */
export const chunkedAnnotation = {
  /** Digest of the compressed table of contents. */
  checksum: 'io.github.containers.zstd-chunked.manifest-checksum',
  /** `OFFSET:LENGTH:UNCOMPRESSED LENGTH:TYPE` of it. */
  position: 'io.github.containers.zstd-chunked.manifest-position',
  /** `OFFSET:LENGTH:UNCOMPRESSED LENGTH` of the tar-split. */
  tarSplit: 'io.github.containers.zstd-chunked.tarsplit-position',
} as const;

/** eStargz: digest of the table of contents. */
export const stargzAnnotation = 'containerd.io/snapshot/stargz/toc.digest';
