/**
 * Reads a whole body of limited length. A registry must not be able to fill the memory.
 *
 * @returns null when the body is longer than `limit` bytes
 */
export async function readBody(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer | null> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
