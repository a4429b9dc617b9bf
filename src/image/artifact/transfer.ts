/** Artifacts from and to registries. */
import { createReadStream, existsSync } from 'node:fs';
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import { formatReference, parseDocker, withDefaultTag } from '../../registry/reference.ts';
import { hasBlob, uploadBlob, uploadManifest } from '../../registry/upload.ts';
import type { ImageContext } from '../context.ts';
import type { OnCopyEvent } from '../events.ts';
import { openRemote, type RemoteOptions } from '../open-source.ts';
import { checkSignatures } from '../pull.ts';
import { openTarget } from '../push.ts';
import { refuseRejected } from '../signature/enforce.ts';
import { registrySubject } from '../signature/subject.ts';
import { withArtifacts } from './store.ts';
import { storeBlob } from './write-blob.ts';

export interface TransferOptions extends RemoteOptions {
  onProgress?: OnCopyEvent;
}

/** @returns the digest. @throws TspodError */
export async function pullArtifact(
  context: ImageContext,
  name: string,
  options: TransferOptions = {},
): Promise<Digest> {
  const reference = withDefaultTag(parseDocker(name));
  const { onProgress = () => {} } = options;
  const { policyFile } = { ...context.systemContext, ...options };
  refuseRejected(registrySubject(reference), policyFile);
  const remote = await openRemote(context, reference, options).catch((error: unknown) => {
    throw prefixed(error, `initializing source docker://${formatReference(reference)}: `);
  });
  try {
    const { parsed, bytes } = remote.top;
    if (parsed.kind !== 'manifest') throw new TspodError('UNSUPPORTED', `${name} is a list of images, not an artifact`);
    await checkSignatures(remote, reference, remote.top, policyFile);
    onProgress({ type: 'signatures' });
    return await withArtifacts(context, 'exclusive', async (artifacts) => {
      const { config, layers } = parsed.manifest;
      for (const blob of [...layers, config]) {
        const { digest, size } = blob;
        const exists = existsSync(artifacts.blobPath(digest));
        if (blob !== config) onProgress({ type: 'blob', digest, size, exists });
        if (!exists) await storeBlob(artifacts, remote.client.blob(blob), digest);
        if (blob !== config) onProgress({ type: 'blob-done', digest });
      }
      onProgress({ type: 'config', digest: config.digest, size: config.size });
      onProgress({ type: 'manifest' });
      return artifacts.put(name, bytes);
    });
  } finally {
    await remote.client.close();
  }
}

/** Pushes an artifact to the registry of its name. @returns the digest. @throws TspodError */
export async function pushArtifact(
  context: ImageContext,
  name: string,
  options: TransferOptions = {},
): Promise<Digest> {
  return withArtifacts(context, 'exclusive', async (artifacts) => {
    const artifact = artifacts.require(name);
    const { client, reference } = openTarget(context, withDefaultTag(parseDocker(artifact.name || name)), options);
    const { onProgress = () => {} } = options;
    try {
      const { config, layers } = artifact.manifest;
      onProgress({ type: 'signatures' });
      for (const { digest, size } of [...layers, config]) {
        const exists = await hasBlob(client.session, reference, digest);
        if (digest !== config.digest) onProgress({ type: 'blob', digest, size, exists });
        const stream = () => createReadStream(artifacts.blobPath(digest), { highWaterMark: 1024 * 1024 });
        if (!exists) await uploadBlob(client.session, reference, { digest, size, stream });
        onProgress({ type: 'blob-done', digest });
      }
      onProgress({ type: 'config', digest: config.digest, size: config.size });
      onProgress({ type: 'manifest' });
      const mediaType = artifact.manifest.mediaType ?? 'application/vnd.oci.image.manifest.v1+json';
      const which = reference.tag || artifact.digest;
      await uploadManifest(client.session, reference, { which, bytes: artifact.bytes, mediaType });
      return artifact.digest;
    } finally {
      await client.close();
    }
  });
}

function prefixed(error: unknown, prefix: string): unknown {
  if (!(error instanceof TspodError)) return error;
  return new TspodError(error.code, prefix + error.message, { cause: error });
}
