/** Attaches signatures to an image in its registry, beside those that are attached already. */
import type { Digest } from '../../oci/digest.ts';
import type { Descriptor } from '../../oci/image-spec.ts';
import { mediaTypes } from '../../oci/media-types.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { digestOf } from '../../registry/manifest.ts';
import { hasBlob, uploadBlob, uploadManifest } from '../../registry/upload.ts';
import { attachmentManifest } from './attachments.ts';
import type { Signature } from './signature.ts';
import { attachmentTag } from './sigstore-names.ts';

type Sigstore = Extract<Signature, { format: 'sigstore' }>;

/** @throws TspodError REGISTRY, UNAUTHORIZED, UNREACHABLE, CORRUPT_BLOB */
export async function attachSignatures(client: RegistryClient, digest: Digest, added: Sigstore[]): Promise<void> {
  const before = await attachmentManifest(client, digest);
  const layers = [...(before?.layers ?? [])];
  for (const { mediaType, payload, annotations } of added) {
    layers.push({ mediaType, ...(await upload(client, payload)), annotations });
  }
  const config = Buffer.from(JSON.stringify(configOf(layers)));
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, ...(await upload(client, config)) },
    layers,
  };
  await uploadManifest(client.session, client.reference, {
    which: attachmentTag(digest),
    bytes: Buffer.from(JSON.stringify(manifest)),
    mediaType: mediaTypes.ociManifest,
  });
}

/** What cosign writes for an image that is none. */
function configOf(layers: Descriptor[]) {
  const rootfs = { type: 'layers', diff_ids: layers.map(({ digest }) => digest) };
  return { architecture: '', os: '', config: {}, rootfs };
}

async function upload({ session, reference }: RegistryClient, bytes: Buffer) {
  const blob = { digest: digestOf(bytes), size: bytes.length };
  if (!(await hasBlob(session, reference, blob.digest))) {
    await uploadBlob(session, reference, {
      ...blob,
      stream: async function* () {
        yield bytes;
      },
    });
  }
  return blob;
}
