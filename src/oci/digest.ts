/** Digests of the OCI image specification 1.1, "Descriptor / Digests". Only sha256 is accepted. */
export type Digest = `sha256:${string}`;

const pattern = /^sha256:[0-9a-f]{64}$/;

/** True for a well-formed sha256 digest. Check before a digest gets near a path or a URL (CVE-2024-3727). */
export function isDigest(value: unknown): value is Digest {
  return typeof value === 'string' && pattern.test(value);
}

/** The 64 hex characters of a digest. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}
