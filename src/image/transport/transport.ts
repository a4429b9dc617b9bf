/**
 * Where images live, and what one can do with them there: the seam between the copy engine and the places.
 * One file per transport; `parse.ts` knows them all.
 */
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor, Manifest } from '../../oci/image-spec.ts';
import type { Reference } from '../../registry/reference.ts';
import type { Store } from '../../storage/store.ts';
import type { ImageContext } from '../context.ts';
import type { RemoteOptions } from '../open-source.ts';
import type { BlobEncoding, BlobFacts, BlobStream } from '../save/layer-blob.ts';
import type { PolicySubject } from '../signature/enforce.ts';
import type { Signature } from '../signature/signature.ts';

export interface Transport {
  /** As it stands before the colon. */
  readonly name: string;
  /** @param rest what follows the colon. @throws TspodError BAD_ARGUMENT */
  parse(rest: string): ImageName;
}

/** One image in one place; it need not exist. */
export interface ImageName {
  readonly transport: string;
  /** What follows the transport's colon, completed. */
  readonly rest: string;
  /** Its name in a registry, where it has one. */
  readonly reference: Reference | null;
  /** @throws TspodError NO_SUCH_IMAGE, NOT_FOUND, CORRUPT_BLOB and what the place refuses */
  read(context: ImageContext, options: SourceOptions): Promise<ImageReader>;
  write(context: ImageContext, options: TargetOptions): Promise<ImageWriter | StoreWriter>;
  /** Deletes the image. @throws TspodError UNSUPPORTED where that is not possible */
  remove(context: ImageContext, options: SourceOptions): Promise<void>;
}

export interface SourceOptions extends RemoteOptions {
  /** Folder with the blobs of OCI layouts that share them. */
  sharedBlobDir?: string | undefined;
  /** registries.d, when it is not the system's. */
  registriesDir?: string | undefined;
}

export interface TargetOptions extends SourceOptions {
  /** `dir:` compresses layers that are not. */
  compress?: boolean | undefined;
  /** `dir:` writes plain layers. */
  decompress?: boolean | undefined;
  /** `oci:` keeps plain layers as they are. */
  acceptUncompressed?: boolean | undefined;
  /** More full names, for `docker-archive:`. */
  additionalTags?: readonly string[] | undefined;
  /** A repository of the same registry whose blobs can be mounted. */
  mountFrom?: Reference | undefined;
}

export interface RawManifest {
  bytes: Buffer;
  digest: Digest;
  /** What the place says it is; '' for nothing. */
  mediaType: string;
}

/** A layer as it can be read, and the form in which the target may have it already. */
export interface SourceLayer {
  descriptor: Descriptor;
  /** The compressed blob that it once was. */
  known?: Descriptor | undefined;
  /** Gives it compressed, faster than by reading and compressing it. */
  packed?(encoding: BlobEncoding): Promise<BlobStream>;
}

export interface ImageReader {
  /** What policy.json calls it. */
  readonly subject: PolicySubject;
  /** Full names that the image has there, in archives and layouts. @throws TspodError BAD_ARGUMENT */
  names?(): string[];
  /** The manifest or index that the name leads to, or with a digest one that the index lists. Its digest is checked. */
  manifest(instance?: Digest): Promise<RawManifest>;
  /** Bytes of a blob; size and digest are the reader's to check. @throws TspodError CORRUPT_BLOB when it is missing */
  blob(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  /** The layers, where they are not the blobs of the manifest. */
  layers?(manifest: Manifest): SourceLayer[];
  /** Signatures of a manifest. Left out: the place has none. */
  signatures?(manifest: Digest): Promise<Signature[]>;
  close(): Promise<void>;
}

export interface ImageWriter {
  readonly kind: 'blobs';
  /** Types of manifests that it takes; others are converted to the first. Empty: any. */
  readonly types: readonly string[];
  readonly layers: 'as they are' | 'compressed' | 'plain';
  /** Takes several images under one name. */
  readonly indexes: boolean;
  /** Keeps layers that are fetched from elsewhere (`urls`) as they are. */
  readonly foreign: boolean;
  /** True when the blob is there, or was brought there without sending it. */
  has(blob: Descriptor): Promise<boolean>;
  /** Adds a blob; the stream throws at its end when it was not the right one. */
  put(blob: Descriptor, stream: AsyncIterable<Uint8Array>, isConfig: boolean): Promise<void>;
  /**
   * Adds a blob whose digest is known only at its end.
   *
   * @param open gives the stream; called again for another try
   */
  add(open: () => Promise<BlobStream>): Promise<BlobFacts>;
  /** @param instance the digest, for one of several images; else the name leads to it from now on */
  manifest(manifest: RawManifest, instance?: Digest): Promise<void>;
  /** Adds signatures of a manifest, or of one of several. Left out: the place keeps none. */
  signatures?(manifest: Digest, signatures: Signature[], isPart: boolean): Promise<void>;
  /** Everything was written. */
  commit(): Promise<void>;
  /** Frees what is open; without a commit before it, nothing of the image stays. */
  close(): Promise<void>;
}

/** A store unpacks layers and looks at their configuration: it is filled by storeImage. */
export interface StoreWriter {
  readonly kind: 'store';
  readonly store: Store;
  /** Full names that the image gets. */
  readonly names: string[];
}
