/** The distribution API (https://github.com/opencontainers/distribution-spec) for one repository. */
import type { Credentials } from '../config/auth.ts';
import { TspodError } from '../errors.ts';
import { type Digest, isDigest } from '../oci/digest.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { readBlob, readRange } from './blob.ts';
import { digestOf, manifestLimit, manifestTypes, type ParsedManifest, parseManifest } from './manifest.ts';
import { readBody } from './read-body.ts';
import { formatReference, type Reference, repositoryOf } from './reference.ts';
import { registryError } from './registry-error.ts';
import { type Retry, Session } from './session.ts';

export interface ClientOptions {
  /** Host and repository; tag and digest are ignored. */
  reference: Reference;
  insecure: boolean;
  credentials: Credentials | null;
  certDir?: string | undefined;
  retry?: number | undefined;
  /** Milliseconds. */
  retryDelay?: number | undefined;
  onRetry?: ((retry: Retry) => void) | undefined;
  signal?: AbortSignal | undefined;
  registryToken?: string | undefined;
  /** Default `pull`. */
  actions?: 'pull' | 'pull,push' | '*';
  /** Another repository of the registry that blobs are mounted from. */
  mountFrom?: string | undefined;
}

export interface FetchedManifest {
  bytes: Buffer;
  digest: Digest;
  parsed: ParsedManifest;
}

/** Longest image configuration that is read, in bytes. */
const configLimit = 8 * 1024 * 1024;

export class RegistryClient {
  readonly session: Session;
  /** Host and repository. */
  readonly reference: Reference;

  constructor(options: ClientOptions) {
    this.reference = options.reference;
    const { path } = options.reference;
    const others = options.mountFrom ? ` repository:${options.mountFrom}:pull` : '';
    const scope = path === '' ? '' : `repository:${path}:${options.actions ?? 'pull'}${others}`;
    this.session = new Session({ ...options, host: apiHost(options.reference.domain), scope });
  }

  /**
   * Fetches and checks a manifest or index.
   *
   * @param which a tag or a digest
   * @throws TspodError NOT_FOUND, UNAUTHORIZED, REGISTRY, UNREACHABLE, CORRUPT_BLOB
   */
  async manifest(which: string): Promise<FetchedManifest> {
    const doing = `reading manifest ${which} in ${repositoryOf(this.reference)}`;
    const accept = manifestTypes.join(', ');
    const response = await this.session.send(`/v2/${this.reference.path}/manifests/${which}`, { headers: { accept } });
    if (response.status !== 200) throw await registryError(doing, response);
    const bytes = await readBody(response.body, manifestLimit);
    if (!bytes) throw new TspodError('CORRUPT_BLOB', `${doing}: it is longer than ${manifestLimit} bytes`);
    const digest = digestOf(bytes);
    const promised = isDigest(which) ? which : response.headers['docker-content-digest'];
    if (isDigest(promised) && promised !== digest) {
      throw new TspodError('CORRUPT_BLOB', `${doing}: manifest has digest ${digest}, expected ${promised}`);
    }
    return { bytes, digest, parsed: parseManifest(bytes, String(response.headers['content-type'] ?? '')) };
  }

  /** A layer as a stream of exactly `descriptor.size` bytes. */
  blob(descriptor: Descriptor): AsyncIterable<Uint8Array> {
    return readBlob(this.session, this.reference.path, descriptor);
  }

  /** The bytes from `start` to `end` (exclusive) of a blob; null when the registry cannot do that. */
  blobRange(descriptor: Descriptor, start: number, end: number): Promise<AsyncIterable<Uint8Array> | null> {
    return readRange(this.session, this.reference.path, { digest: descriptor.digest, start, end });
  }

  /** A small blob, size and digest checked. */
  async config(descriptor: Descriptor): Promise<Buffer> {
    const { digest, size } = descriptor;
    if (size > configLimit) {
      throw new TspodError('CORRUPT_BLOB', `reading config ${digest}: ${size} bytes are more than ${configLimit}`);
    }
    const bytes = (await readBody(this.blob(descriptor), configLimit)) ?? Buffer.alloc(0);
    const actual = digestOf(bytes);
    if (actual !== digest) {
      throw new TspodError('CORRUPT_BLOB', `reading config: blob has digest ${actual}, expected ${digest}`);
    }
    return bytes;
  }

  /** Frees the connections. */
  close(): Promise<void> {
    return this.session.close();
  }

  toString(): string {
    return formatReference(this.reference);
  }
}

/** docker.io is a name; the API lives elsewhere. */
export function apiHost(domain: string): string {
  return domain === 'docker.io' ? 'registry-1.docker.io' : domain;
}
