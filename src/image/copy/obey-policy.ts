import { enforcePolicy } from '../signature/enforce.ts';
import type { ImageReader, RawManifest } from '../transport/transport.ts';
import type { CopyOptions } from './copy-image.ts';

/** Passes when the policy accepts an image with this manifest, or throws. @throws TspodError POLICY and its relatives */
export async function obeyPolicy(
  reader: ImageReader,
  { bytes, digest }: RawManifest,
  { insecurePolicy, policyFile }: Pick<CopyOptions, 'insecurePolicy' | 'policyFile'>,
): Promise<void> {
  if (insecurePolicy) return;
  const signatures = async () => (await reader.signatures?.(digest)) ?? [];
  await enforcePolicy({ ...reader.subject, manifest: bytes, signatures }, policyFile);
}
