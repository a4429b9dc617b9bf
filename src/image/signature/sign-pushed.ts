/** Signs what is pushed, and puts the signatures where registries.d says. */
import { registryScopes } from '../../config/policy-scopes.ts';
import { signatureStorage } from '../../config/registries-d.ts';
import { TspodError } from '../../errors.ts';
import type { Digest } from '../../oci/digest.ts';
import type { RegistryClient } from '../../registry/client.ts';
import { formatReference, type Reference } from '../../registry/reference.ts';
import type { OnCopyEvent } from '../events.ts';
import { attachSignatures } from './attachments-write.ts';
import { addToLookaside } from './lookaside-write.ts';
import type { Signature } from './signature.ts';
import type { Signer } from './signer.ts';

export interface SignRequest {
  signers: readonly Signer[];
  /** The name that is signed: what users will ask for. */
  reference: Reference;
  onProgress: OnCopyEvent;
  /** The registries.d to read instead of the user's. */
  folder?: string | undefined;
}

export interface Signing {
  /** Makes the signatures of a manifest before it is sent. @throws TspodError of gpg */
  make(digest: Digest): Promise<void>;
  /** Writes what was made. @throws TspodError BAD_CONFIG, REGISTRY, UNREACHABLE, UNAUTHORIZED */
  store(digest: Digest): Promise<void>;
}

/** @throws TspodError BAD_CONFIG when there is no place for such signatures: before anything is sent */
export async function openSigning(client: RegistryClient, request: SignRequest): Promise<Signing> {
  const { signers, folder } = request;
  const { attachments } = await signatureStorage(registryScopes(client.reference), folder);
  if (!attachments && signers.some(({ format }) => format === 'sigstore')) throw noAttachments();
  const made = new Map<Digest, Signature[]>();
  return {
    async make(digest) {
      made.set(digest, await makeSignatures(digest, request));
    },
    async store(digest) {
      request.onProgress({ type: 'note', text: 'Storing signatures' });
      await storeSignatures(client, { digest, signatures: made.get(digest) ?? [], folder });
    },
  };
}

/**
 * Puts the signatures of a manifest where registries.d says.
 *
 * @throws TspodError BAD_CONFIG when there is no place for them, REGISTRY, UNREACHABLE, UNAUTHORIZED
 */
export async function storeSignatures(
  client: RegistryClient,
  { digest, signatures, folder }: { digest: Digest; signatures: Signature[]; folder?: string | undefined },
): Promise<void> {
  const { write, attachments } = await signatureStorage(registryScopes(client.reference), folder);
  const attached = signatures.flatMap((signature) => (signature.format === 'sigstore' ? [signature] : []));
  if (attached.length > 0 && !attachments) throw noAttachments();
  for (const signature of signatures) {
    if (signature.format === 'simple-signing') addToLookaside(write, client.reference, digest, signature);
  }
  if (attached.length > 0) await attachSignatures(client, digest, attached);
}

function noAttachments(): TspodError {
  return new TspodError(
    'BAD_CONFIG',
    'writing sigstore attachments is disabled by configuration: set use-sigstore-attachments in registries.d',
  );
}

/** New signatures of a manifest. @throws TspodError of gpg */
export async function makeSignatures(
  digest: Digest,
  { signers, reference, onProgress }: Pick<SignRequest, 'signers' | 'reference' | 'onProgress'>,
): Promise<Signature[]> {
  const made: Signature[] = [];
  for (const [index, signer] of signers.entries()) {
    const number = signers.length > 1 ? ` ${index + 1}` : '';
    onProgress({ type: 'note', text: `Creating signature${number}: ${signer.describe}` });
    made.push(await signer.sign(digest, formatReference(reference)));
  }
  return made;
}
