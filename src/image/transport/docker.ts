/** `docker://[HOST/]PATH[:TAG|@DIGEST]`: an image of a registry. */
import { loadRegistriesConf } from '../../config/registries-conf.ts';
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { endpointsFor } from '../../registry/endpoint.ts';
import {
  formatReference,
  parseDocker,
  type Reference,
  repositoryOf,
  withDefaultTag,
} from '../../registry/reference.ts';
import { registryError } from '../../registry/registry-error.ts';
import { hasBlob, mountBlob, uploadBlob, uploadManifest, uploadStream } from '../../registry/upload.ts';
import type { ImageContext } from '../context.ts';
import { clientFor, openRemote, type RemoteOptions } from '../open-source.ts';
import type { Signature } from '../signature/signature.ts';
import { registrySubject } from '../signature/subject.ts';
import type { ImageName, ImageReader, ImageWriter, SourceOptions, TargetOptions, Transport } from './transport.ts';

export const docker: Transport = { name: 'docker', parse };

function parse(rest: string): ImageName {
  if (!rest.startsWith('//')) {
    throw new TspodError('BAD_ARGUMENT', `docker: image reference ${rest} does not start with //`);
  }
  const parsed = parseDocker(rest.slice(2));
  if (parsed.tag !== '' && parsed.digest !== '') {
    throw new TspodError('BAD_ARGUMENT', `"${rest.slice(2)}": choose either the tag or the digest of an image`);
  }
  return dockerName(withDefaultTag(parsed));
}

/** The image with a full name. */
export function dockerName(reference: Reference): ImageName {
  return {
    transport: docker.name,
    rest: `//${formatReference(reference)}`,
    reference,
    read: (context, options) => read(context, reference, options),
    write: (context, options) => write(context, reference, options),
    remove: (context, options) => remove(context, reference, options),
  };
}

async function read(context: ImageContext, reference: Reference, options: SourceOptions): Promise<ImageReader> {
  const { client, top } = await openRemote(context, reference, options);
  return {
    subject: registrySubject(reference),
    async signatures(digest) {
      const { registrySignatures } = await import('../signature/registry-signatures.ts');
      return registrySignatures(client, digest, options.registriesDir);
    },
    async manifest(instance) {
      const { bytes, digest, parsed } = instance ? await client.manifest(instance) : top;
      return { bytes, digest, mediaType: parsed.mediaType };
    },
    blob: (descriptor) => client.blob(descriptor),
    close: () => client.close(),
  };
}

async function write(context: ImageContext, wanted: Reference, options: TargetOptions): Promise<ImageWriter> {
  const { client, reference } = ownClient(context, wanted, options, 'pull,push');
  const { session } = client;
  const from = options.mountFrom?.domain === wanted.domain ? options.mountFrom.path : null;
  return {
    kind: 'blobs',
    types: [],
    layers: 'compressed',
    indexes: true,
    foreign: true,
    async has({ digest }) {
      if (await hasBlob(session, reference, digest)) return true;
      return from !== null && from !== reference.path && (await mountBlob(session, reference, { digest, from }));
    },
    put: ({ digest, size }, stream) => uploadBlob(session, reference, { digest, size, stream: () => stream }),
    add: (open) => uploadStream(session, reference, open),
    async manifest({ bytes, digest, mediaType }, instance) {
      const which = instance ?? (reference.tag || digest);
      if (!instance && reference.digest !== '' && reference.digest !== digest) {
        throw new TspodError(
          'BAD_ARGUMENT',
          `the manifest has digest ${digest}, not ${reference.digest} of the target`,
        );
      }
      await uploadManifest(session, reference, { which, bytes, mediaType });
    },
    signatures: (digest, signatures) => addSignatures(client, { digest, signatures, folder: options.registriesDir }),
    commit: async () => {},
    close: () => client.close(),
  };
}

/** A copy that is repeated brings what is there. */
async function addSignatures(
  client: RegistryClient,
  { digest, signatures, folder }: { digest: Digest; signatures: Signature[]; folder: string | undefined },
): Promise<void> {
  const { storeSignatures } = await import('../signature/sign-pushed.ts');
  const { registrySignatures } = await import('../signature/registry-signatures.ts');
  const { signatureBytes } = await import('../signature/signature.ts');
  const there = (await registrySignatures(client, digest, folder)).map(signatureBytes);
  const missing = signatures.filter((signature) => !there.some((bytes) => bytes.equals(signatureBytes(signature))));
  await storeSignatures(client, { digest, signatures: missing, folder });
}

/** The digest is asked for first: a registry deletes manifests, not tags (distribution specification, "Delete"). */
async function remove(context: ImageContext, wanted: Reference, options: SourceOptions): Promise<void> {
  const { client, reference } = ownClient(context, wanted, options, '*');
  try {
    const digest = reference.digest || (await client.manifest(reference.tag)).digest;
    const path = `/v2/${reference.path}/manifests/${digest}`;
    const response = await client.session.send(path, { method: 'DELETE' });
    if (response.status !== 202 && response.status !== 200) {
      throw await registryError(`deleting ${digest} in ${repositoryOf(reference)}`, response);
    }
    await response.body.dump();
  } finally {
    await client.close();
  }
}

/** A client of the registry itself, never of a mirror. */
export function ownClient(
  context: ImageContext,
  wanted: Reference,
  options: RemoteOptions & { mountFrom?: Reference | undefined },
  actions: 'pull' | 'pull,push' | '*' = 'pull',
) {
  const system = { ...context.systemContext, ...options };
  const endpoint = endpointsFor(loadRegistriesConf(system.registriesConf), wanted).at(-1);
  if (!endpoint) throw new TspodError('NOT_FOUND', `no registry for ${formatReference(wanted)}`);
  return { client: clientFor(endpoint, wanted, system, actions), reference: endpoint.reference };
}
