/** All signatures of an image in a registry: beside it and attached to it, as registries.d says. */
import { registryScopes } from '../../config/policy-scopes.ts';
import { signatureStorage } from '../../config/registries-d.ts';
import type { Digest } from '../../oci/digest.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { attachedSignatures } from './attachments.ts';
import { lookasideSignatures } from './lookaside.ts';
import type { Signature } from './signature.ts';

/**
 * @param client of the place that the manifest came from: a mirror has its own signatures
 * @param digest of the manifest
 * @param folder registries.d, when it is not the system's
 * @throws TspodError BAD_CONFIG, CORRUPT_BLOB, REGISTRY, UNREACHABLE, UNAUTHORIZED
 */
export async function registrySignatures(
  client: RegistryClient,
  digest: Digest,
  folder?: string,
): Promise<Signature[]> {
  const { reference } = client;
  const { read, attachments } = await signatureStorage(registryScopes(reference), folder);
  const beside = await lookasideSignatures(read, reference, digest);
  return attachments ? [...beside, ...(await attachedSignatures(client, digest))] : beside;
}
