import { createHash } from 'node:crypto';
import { TspodError } from '../../errors.ts';
import type { Descriptor } from '../../oci/image-spec.ts';

/**
 * A blob that is what its descriptor says, or an error: too long at once, too short or of another digest at the end.
 *
 * @throws TspodError CORRUPT_BLOB
 */
export async function* verified(
  source: AsyncIterable<Uint8Array>,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let seen = 0;
  for await (const chunk of source) {
    seen += chunk.length;
    if (seen > size) throw bad(digest, `it is longer than the ${size} bytes of its descriptor`);
    hash.update(chunk);
    yield chunk;
  }
  if (seen !== size) throw bad(digest, `it has ${seen} bytes instead of ${size}`);
  const actual = `sha256:${hash.digest('hex')}`;
  if (actual !== digest) throw bad(digest, `it has digest ${actual}`);
}

/** The first bytes of a stream, and the stream with them. */
export async function peek(
  source: AsyncGenerator<Uint8Array>,
): Promise<{ head: Uint8Array; stream: AsyncGenerator<Uint8Array> }> {
  const chunks: Uint8Array[] = [];
  for (let length = 0; length < 8; ) {
    const { value, done } = await source.next();
    if (done) break;
    chunks.push(value);
    length += value.length;
  }
  return { head: Buffer.concat(chunks.map((chunk) => chunk.subarray(0, 8))), stream: joined(chunks, source) };
}

async function* joined(chunks: Uint8Array[], rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
  yield* rest;
}

function bad(digest: string, reason: string): TspodError {
  return new TspodError('CORRUPT_BLOB', `reading blob ${digest}: ${reason}`);
}
