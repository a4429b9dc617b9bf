/** Uploads: blobs in one piece, then the manifest (distribution specification, "Push"). */
import { TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { type Reference, repositoryOf } from './reference.ts';
import { registryError } from './registry-error.ts';
import type { Session } from './session.ts';

export interface UploadBlob {
  digest: Digest;
  size: number;
  stream(): AsyncIterable<Uint8Array>;
}

/** True when the repository has the blob. @throws TspodError */
export async function hasBlob(session: Session, reference: Reference, digest: Digest): Promise<boolean> {
  const response = await session.send(`/v2/${reference.path}/blobs/${digest}`, { method: 'HEAD' });
  await response.body.dump();
  if (response.status === 200) return true;
  if (response.status === 404) return false;
  const doing = `checking whether a blob ${digest} exists in ${repositoryOf(reference)}`;
  // HEAD has no body that could say more.
  if (response.status === 401) throw new TspodError('UNAUTHORIZED', `${doing}: authentication required`);
  throw await registryError(doing, response);
}

/** Uploads a blob unless it is there. @throws TspodError */
export async function uploadBlob(session: Session, reference: Reference, blob: UploadBlob): Promise<void> {
  const doing = `writing blob: uploading ${blob.digest} to ${repositoryOf(reference)}`;
  const started = await session.send(`/v2/${reference.path}/blobs/uploads/`, { method: 'POST' });
  if (started.status !== 202) throw await registryError(doing, started);
  await started.body.dump();
  const place = URL.parse(String(started.headers['location'] ?? ''), started.url.href);
  if (place?.host !== started.url.host)
    throw new TspodError('REGISTRY', `${doing}: the registry names no place for it`);
  place.searchParams.set('digest', blob.digest);
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) };
  const body = blob.size === 0 ? new Uint8Array() : blob.stream();
  const done = await session.send(place.pathname + place.search, { method: 'PUT', headers, body });
  if (done.status !== 201 && done.status !== 204) throw await registryError(doing, done);
  await done.body.dump();
}

/** @param which a tag or a digest. @throws TspodError */
export async function uploadManifest(
  session: Session,
  reference: Reference,
  { which, bytes, mediaType }: { which: string; bytes: Uint8Array; mediaType: string },
): Promise<void> {
  const headers = { 'content-type': mediaType };
  const response = await session.send(`/v2/${reference.path}/manifests/${which}`, {
    method: 'PUT',
    headers,
    body: bytes,
  });
  if (response.status !== 201) {
    throw await registryError(`writing manifest: uploading manifest ${which} to ${repositoryOf(reference)}`, response);
  }
  await response.body.dump();
}
