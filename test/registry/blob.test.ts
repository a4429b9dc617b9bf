import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readBlob } from '../../src/registry/blob.ts';
import { Session } from '../../src/registry/session.ts';
import { type LyingRegistry, sha256, startLyingRegistry } from './lying-registry.ts';

const content = randomBytes(300_000);
const digest = sha256(content);
let registry: LyingRegistry;
let session: Session;

beforeEach(async () => {
  registry = await startLyingRegistry();
  registry.put(`/v2/library/tiny/blobs/${digest}`, content);
  session = new Session({ host: registry.host, scope: '', insecure: true, credentials: null, retryDelay: 1 });
});

afterEach(async () => {
  await session.close();
  await registry.close();
});

async function read(size = content.length): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of readBlob(session, 'library/tiny', { digest, size })) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const ranges = () => registry.headers.map(({ range }) => range);

describe('a connection that breaks', () => {
  it('is continued where it broke', async () => {
    let failures = 2;
    registry.lie = (request, response) => {
      if (failures-- <= 0) return false;
      const start = Number(/\d+/.exec(request.headers.range ?? '')?.[0] ?? 0);
      const headers = start > 0 ? { 'content-range': `bytes ${start}-299999/300000` } : {};
      response.writeHead(start > 0 ? 206 : 200, { ...headers, 'content-length': content.length - start });
      response.write(content.subarray(start, start + 100_000), () => request.socket.destroy());
      return true;
    };
    expect(await read()).toEqual(content);
    const [first, ...others] = ranges();
    expect(first).toBeUndefined();
    expect(others).toHaveLength(2);
    for (const range of others) expect(range).toMatch(/^bytes=\d+-$/);
  });

  it('is read again from the start when the registry knows no ranges', async () => {
    let failures = 1;
    registry.lie = (request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      if (failures-- > 0) response.write(content.subarray(0, 100_000), () => request.socket.destroy());
      else response.end(content);
      return true;
    };
    expect(await read()).toEqual(content);
  });

  it('is an error when it breaks always at the same place', async () => {
    registry.lie = (request, response) => {
      response.writeHead(200, { 'content-length': content.length });
      response.write(content.subarray(0, 1000), () => request.socket.destroy());
      return true;
    };
    await expect(read()).rejects.toThrow(/after 1000 of 300000 bytes$/);
    expect(registry.requests.length).toBeLessThan(10);
  });

  it('is an error when another range comes than was asked for', async () => {
    let failures = 1;
    registry.lie = (request, response) => {
      if (failures-- > 0) {
        response.writeHead(200, { 'content-length': content.length });
        response.write(content.subarray(0, 1000), () => request.socket.destroy());
      } else response.writeHead(206, { 'content-range': 'bytes 200000-299999/300000' }).end(content.subarray(200_000));
      return true;
    };
    await expect(read()).rejects.toThrow('another range than asked for');
  });
});

it('a blob that is shorter than its descriptor is an error', async () => {
  await expect(read(content.length + 1)).rejects.toThrow('it ended after 300000 of 300001 bytes');
});

it('a blob that is longer than its descriptor is an error', async () => {
  await expect(read(1000)).rejects.toThrow('it is longer than the 1000 bytes of its descriptor');
});

it('a body without end stops at the size of the descriptor', async () => {
  registry.lie = (_request, response) => {
    response.writeHead(200);
    const more = () => void response.write(content, (error) => error || response.destroyed || more());
    more();
    return true;
  };
  await expect(read()).rejects.toThrow('it is longer than');
});
