/** Finds the place (mirror or registry) that serves an image, and the manifest for a platform. */
import { type Credentials, findCredentials } from '../config/auth.ts';
import { loadRegistriesConf } from '../config/registries-conf.ts';
import { messageOf, TspodError } from '../errors.ts';
import type { Manifest, Platform } from '../oci/image-spec.ts';
import { type FetchedManifest, RegistryClient } from '../registry/client.ts';
import { type Endpoint, endpointsFor } from '../registry/endpoint.ts';
import { parseManifest } from '../registry/manifest.ts';
import { chooseInstance } from '../registry/platform.ts';
import { type Reference, repositoryOf } from '../registry/reference.ts';
import type { Retry } from '../registry/session.ts';
import type { ImageContext, SystemContext } from './context.ts';
import { knownManifest } from './known-image.ts';

/** How to talk to registries: what commands take as flags. */
export interface RemoteOptions extends SystemContext {
  /** For the registry itself; never sent to a mirror on another host. */
  credentials?: Credentials | undefined;
  /** Told before a failed request is sent again. */
  onRetry?: ((retry: Retry) => void) | undefined;
  signal?: AbortSignal | undefined;
  /** Go without credentials, whatever files know. */
  anonymous?: boolean | undefined;
  /** Sent in place of what the registry's token server would give. */
  registryToken?: string | undefined;
}

export interface RemoteImage {
  client: RegistryClient;
  /** What the name led to: a manifest or an index. */
  top: FetchedManifest;
}

/**
 * Fetches the manifest that a full name leads to from the first endpoint that has it. The caller closes the client.
 *
 * @throws TspodError of the last endpoint, with the mirrors' failures
 */
export async function openRemote(
  context: ImageContext,
  reference: Reference,
  options: RemoteOptions,
): Promise<RemoteImage> {
  const system: RemoteOptions = { ...context.systemContext, ...options };
  const endpoints = endpointsFor(loadRegistriesConf(system.registriesConf), reference);
  const failures: string[] = [];
  for (const [index, endpoint] of endpoints.entries()) {
    const client = clientFor(endpoint, reference, system);
    try {
      return { client, top: await client.manifest(reference.digest || reference.tag) };
    } catch (error) {
      await client.close();
      if (index === endpoints.length - 1) throw withMirrors(error, failures);
      failures.push(`[${repositoryOf(endpoint.reference)}: ${messageOf(error)}]`);
    }
  }
  throw new TspodError('NOT_FOUND', 'no registry to ask');
}

/** A client for one endpoint with the credentials that belong to its host. */
export function clientFor(
  endpoint: Endpoint,
  reference: Reference,
  options: RemoteOptions & { mountFrom?: Reference | undefined },
  actions: 'pull' | 'pull,push' | '*' = 'pull',
): RegistryClient {
  const own = endpoint.reference.domain === reference.domain;
  const explicit = own ? options.credentials : undefined;
  return new RegistryClient({
    reference: endpoint.reference,
    insecure: options.tlsVerify === undefined ? endpoint.insecure : !options.tlsVerify,
    credentials: options.anonymous
      ? null
      : (explicit ?? findCredentials(repositoryOf(endpoint.reference), options.authFile, options.registriesConf)),
    registryToken: own ? options.registryToken : undefined,
    certDir: options.certDir,
    retry: options.retry,
    retryDelay: options.retryDelay,
    onRetry: options.onRetry,
    signal: options.signal,
    actions,
    mountFrom: options.mountFrom?.path,
  });
}

/** The manifest for a platform: of an index, one more request unless the store has it. */
export async function chooseManifest(
  context: ImageContext,
  { client, top }: RemoteImage,
  platform: Platform,
): Promise<{ bytes: Buffer; digest: FetchedManifest['digest']; manifest: Manifest }> {
  if (top.parsed.kind === 'manifest') return { bytes: top.bytes, digest: top.digest, manifest: top.parsed.manifest };
  const { digest } = chooseInstance(top.parsed.index, platform);
  const known = knownManifest(context.store, digest);
  const fetched = known ? { bytes: known, digest, parsed: parseManifest(known) } : await client.manifest(digest);
  if (fetched.parsed.kind !== 'manifest') {
    throw new TspodError('UNSUPPORTED', `manifest ${digest} of the image index is an index itself`);
  }
  return { bytes: fetched.bytes, digest, manifest: fetched.parsed.manifest };
}

function withMirrors(error: unknown, failures: string[]): unknown {
  if (failures.length === 0 || !(error instanceof TspodError)) return error;
  return new TspodError(error.code, `(Mirrors also failed: ${failures.join(' ')}): ${error.message}`, { cause: error });
}
