/** Annotations of layers whose files can be fetched one by one. */
import type { Descriptor } from '../../oci/image-spec.ts';

/** zstd:chunked: where the table of contents and the tar-split lie in the blob (containers/storage, pkg/chunked). */
export const chunkedAnnotation = {
  /** Digest of the compressed table of contents. */
  checksum: 'io.github.containers.zstd-chunked.manifest-checksum',
  /** `OFFSET:LENGTH:UNCOMPRESSED LENGTH:TYPE` of it. */
  position: 'io.github.containers.zstd-chunked.manifest-position',
  /** `OFFSET:LENGTH:UNCOMPRESSED LENGTH` of the tar-split. */
  tarSplit: 'io.github.containers.zstd-chunked.tarsplit-position',
} as const;

/** True for a layer with a table of contents by which its files can be fetched one by one. */
export function isChunked({ annotations }: Descriptor): boolean {
  return (
    annotations?.[chunkedAnnotation.checksum] !== undefined && annotations[chunkedAnnotation.tarSplit] !== undefined
  );
}
