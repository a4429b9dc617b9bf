/** Blobs as streams that survive broken connections: the rest is asked for with `Range`. */
import { hasCode, messageOf, TspodError } from '../errors.ts';
import type { Descriptor } from '../oci/image-spec.ts';
import { isTransient, networkReason } from './network-error.ts';
import { registryError } from './registry-error.ts';
import type { Session } from './session.ts';
import type { HttpResponse } from './transport.ts';

/**
 * The bytes of a blob: exactly `size` of them, or an error. The digest is the reader's to check, who hashes anyway.
 *
 * @throws TspodError CORRUPT_BLOB (too long or too short), UNREACHABLE, NOT_FOUND, UNAUTHORIZED, REGISTRY
 */
export async function* readBlob(
  session: Session,
  repository: string,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let offset = 0;
  for (let failures = 0; ; ) {
    const start = offset;
    try {
      for await (const chunk of readFrom(session, `/v2/${repository}/blobs/${digest}`, start, digest)) {
        offset += chunk.length;
        if (offset > size) throw tooLong(digest, size);
        yield chunk;
      }
      if (offset === size) return;
      throw new TspodError('CORRUPT_BLOB', `reading blob ${digest}: it ended after ${offset} of ${size} bytes`);
    } catch (error) {
      const broken = isBroken(error, offset < size);
      // A connection that brought something is no failed try: a slow link may break as often as it likes.
      failures = offset > start ? 0 : failures + 1;
      if (!broken || failures > session.retries) throw worded(error, digest, offset, size);
      await session.pause(failures, messageOf(worded(error, digest, offset, size)));
    }
  }
}

/**
 * Some bytes of a blob, `start` to `end` (exclusive): exactly those, or an error.
 *
 * @returns null when the registry cannot do that
 * @throws TspodError CORRUPT_BLOB, UNREACHABLE, NOT_FOUND, UNAUTHORIZED, REGISTRY
 */
export async function readRange(
  session: Session,
  repository: string,
  { digest, start, end }: { digest: string; start: number; end: number },
): Promise<AsyncIterable<Uint8Array> | null> {
  const headers = { accept: '*/*', 'accept-encoding': 'identity', range: `bytes=${start}-${end - 1}` };
  const response = await session.send(`/v2/${repository}/blobs/${digest}`, { headers });
  if (response.status === 200 || response.status === 416) {
    response.body.destroy();
    return null;
  }
  if (response.status !== 206) throw await registryError(`reading blob ${digest}: fetching partial blob`, response);
  if (rangeStart(response, -1) !== start) {
    response.body.destroy();
    throw new TspodError('CORRUPT_BLOB', `reading blob ${digest}: the registry sent another range than asked for`);
  }
  return exactly(response.body as AsyncIterable<Uint8Array>, end - start, digest);
}

async function* exactly(body: AsyncIterable<Uint8Array>, size: number, digest: string): AsyncGenerator<Uint8Array> {
  let left = size;
  try {
    for await (const chunk of body) {
      left -= chunk.length;
      if (left < 0) throw new TspodError('CORRUPT_BLOB', `reading blob ${digest}: a range is longer than asked for`);
      yield chunk;
    }
  } catch (error) {
    throw worded(error, digest, size - left, size);
  }
  if (left > 0) throw new TspodError('CORRUPT_BLOB', `reading blob ${digest}: a range ended ${left} bytes too early`);
}

async function* readFrom(session: Session, path: string, offset: number, digest: string): AsyncGenerator<Uint8Array> {
  const headers: Record<string, string> = { accept: '*/*', 'accept-encoding': 'identity' };
  if (offset > 0) headers['range'] = `bytes=${offset}-`;
  const response = await session.send(path, { headers });
  if (response.status !== 200 && response.status !== 206) {
    throw await registryError(`reading blob ${digest}: fetching blob`, response);
  }
  let skip = response.status === 206 ? offset - rangeStart(response, offset) : offset;
  if (skip < 0) {
    await response.body.dump();
    throw new TspodError('CORRUPT_BLOB', `reading blob ${digest}: the registry sent another range than asked for`);
  }
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    const fresh = chunk.subarray(skip);
    skip -= chunk.length - fresh.length;
    if (fresh.length > 0) yield fresh;
  }
}

function rangeStart(response: HttpResponse, asked: number): number {
  const match = /^bytes (\d+)-/.exec(String(response.headers['content-range'] ?? ''));
  return match ? Number(match[1]) : asked;
}

/** A body that broke off, or simply ended too early: both are what a dying connection looks like. */
function isBroken(error: unknown, incomplete: boolean): boolean {
  if (!incomplete) return false;
  if (hasCode(error, 'CORRUPT_BLOB')) return /: it ended after /.test(error.message);
  return !(error instanceof TspodError) && isTransient(error);
}

function worded(error: unknown, digest: string, offset: number, size: number): unknown {
  if (error instanceof TspodError) return error;
  const reason = networkReason(error);
  return new TspodError('UNREACHABLE', `reading blob ${digest}: ${reason} after ${offset} of ${size} bytes`, {
    cause: error,
  });
}

function tooLong(digest: string, size: number): TspodError {
  return new TspodError(
    'CORRUPT_BLOB',
    `reading blob ${digest}: it is longer than the ${size} bytes of its descriptor`,
  );
}
