/** Uploads: blobs in one piece or as they come, then the manifest (distribution specification, "Push"). */
import { hasCode, messageOf, TspodError } from '../errors.ts';
import type { Digest } from '../oci/digest.ts';
import { type Reference, repositoryOf } from './reference.ts';
import { registryError } from './registry-error.ts';
import type { Session } from './session.ts';
import type { HttpResponse } from './transport.ts';

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
  const place = await placeOf(started, 202, doing);
  place.searchParams.set('digest', blob.digest);
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) };
  const body = blob.size === 0 ? new Uint8Array() : blob.stream();
  const done = await session.send(place.pathname + place.search, { method: 'PUT', headers, body });
  if (done.status !== 201 && done.status !== 204) throw await registryError(doing, done);
  await done.body.dump();
}

/** A blob whose digest is known only when all of it was sent. */
export interface StreamedBlob<T extends { digest: Digest }> extends AsyncIterable<Uint8Array> {
  result(): T;
}

/**
 * Uploads a blob while it is made: nothing of it is kept. After a failure it is made and sent again.
 *
 * @param open gives a new stream
 * @returns what the stream that arrived says of itself
 * @throws TspodError
 */
export async function uploadStream<T extends { digest: Digest }>(
  session: Session,
  reference: Reference,
  open: () => Promise<StreamedBlob<T>>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await streamOnce(session, reference, await open());
    } catch (error) {
      if (attempt >= session.retries || !hasCode(error, 'UNREACHABLE')) throw error;
      await session.pause(attempt, messageOf(error));
    }
  }
}

async function streamOnce<T extends { digest: Digest }>(
  session: Session,
  reference: Reference,
  blob: StreamedBlob<T>,
): Promise<T> {
  const doing = `writing blob: uploading to ${repositoryOf(reference)}`;
  const started = await session.send(`/v2/${reference.path}/blobs/uploads/`, { method: 'POST' });
  const place = await placeOf(started, 202, doing);
  const headers = { 'content-type': 'application/octet-stream' };
  const sent = await session.send(place.pathname + place.search, { method: 'PATCH', headers, body: blob });
  // Some registries say 204 or 201.
  const end = await placeOf(sent, sent.status >= 200 && sent.status < 300 ? sent.status : 202, doing, place);
  const result = blob.result();
  end.searchParams.set('digest', result.digest);
  const done = await session.send(end.pathname + end.search, {
    method: 'PUT',
    headers: { 'content-length': '0' },
    body: new Uint8Array(),
  });
  if (done.status !== 201 && done.status !== 204) throw await registryError(doing, done);
  await done.body.dump();
  return result;
}

/** Where the upload goes on. @param before where it went so far */
async function placeOf(response: HttpResponse, wanted: number, doing: string, before?: URL): Promise<URL> {
  if (response.status !== wanted) throw await registryError(doing, response);
  await response.body.dump();
  const location = response.headers['location'];
  const place = location === undefined && before ? before : URL.parse(String(location ?? ''), response.url.href);
  if (place?.host === response.url.host) return place;
  throw new TspodError('REGISTRY', `${doing}: the registry names no place for it`);
}

/**
 * Asks the registry to take a blob over from another of its repositories.
 *
 * @returns false when it cannot: the blob must be uploaded
 */
export async function mountBlob(
  session: Session,
  reference: Reference,
  { digest, from }: { digest: Digest; from: string },
): Promise<boolean> {
  const query = new URLSearchParams({ mount: digest, from });
  const response = await session.send(`/v2/${reference.path}/blobs/uploads/?${query}`, { method: 'POST' });
  await response.body.dump();
  if (response.status !== 202) return response.status === 201;
  // It opened an upload instead: that is given up.
  const place = URL.parse(String(response.headers['location'] ?? ''), response.url.href);
  if (place?.host === response.url.host) {
    const gone = await session.send(place.pathname + place.search, { method: 'DELETE' });
    await gone.body.dump();
  }
  return false;
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
