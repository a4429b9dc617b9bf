import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Session, type SessionOptions } from '../../src/registry/session.ts';
import { type LyingRegistry, startLyingRegistry } from './lying-registry.ts';

let registry: LyingRegistry;
let other: LyingRegistry;
const sessions: Session[] = [];

beforeEach(async () => {
  registry = await startLyingRegistry();
  other = await startLyingRegistry();
  registry.put('/v2/x', Buffer.from('hello'));
  other.put('/v2/x', Buffer.from('hello from the other'));
});

afterEach(async () => {
  for (const session of sessions.splice(0)) await session.close();
  await registry.close();
  await other.close();
});

function open(options: Partial<SessionOptions> = {}): Session {
  const session = new Session({
    host: registry.host,
    scope: 'repository:library/tiny:pull',
    insecure: true,
    credentials: null,
    retryDelay: 1,
    ...options,
  });
  sessions.push(session);
  return session;
}

async function text(session: Session, path = '/v2/x'): Promise<string> {
  const response = await session.send(path);
  return `${response.status} ${await response.body.text()}`;
}

describe('a busy registry is asked again', () => {
  it.each([429, 500, 502, 503, 504])('after status %d', async (status) => {
    let failures = 2;
    registry.lie = (_request, response) => {
      return failures-- > 0 && Boolean(response.writeHead(status).end());
    };
    expect(await text(open())).toBe('200 hello');
    expect(registry.requests).toHaveLength(3);
  });

  it('gives the last answer when the tries are used up', async () => {
    registry.lie = (_request, response) => Boolean(response.writeHead(503).end('busy'));
    expect(await text(open({ retry: 2 }))).toBe('503 busy');
    expect(registry.requests).toHaveLength(3);
  });

  it('waits as long as Retry-After says', async () => {
    const delays: number[] = [];
    let failures = 1;
    registry.lie = (_request, response) => {
      return failures-- > 0 && Boolean(response.writeHead(429, { 'retry-after': '1' }).end());
    };
    await text(open({ onRetry: ({ delay }) => delays.push(delay) }));
    expect(delays).toEqual([1000]);
  });

  it('asks again when the connection is reset', async () => {
    let failures = 1;
    registry.lie = (request) => {
      return failures-- > 0 && Boolean(request.socket.destroy());
    };
    expect(await text(open())).toBe('200 hello');
  });

  it.each([400, 403, 404])('but not after status %d', async (status) => {
    registry.lie = (_request, response) => Boolean(response.writeHead(status).end());
    expect(await text(open())).toBe(`${status} `);
    expect(registry.requests).toHaveLength(1);
  });
});

describe('credentials', () => {
  const credentials = { username: 'ann', password: 'secret' };
  const basic = `Basic ${Buffer.from('ann:secret').toString('base64')}`;

  it('are sent only after a basic challenge', async () => {
    registry.lie = (request, response) => {
      if (request.headers.authorization === basic) return false;
      return Boolean(response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end());
    };
    expect(await text(open({ credentials }))).toBe('200 hello');
    expect(registry.headers.map(({ authorization }) => authorization)).toEqual([undefined, basic]);
  });

  it('become a token, which is asked for once for requests side by side', async () => {
    const realm = `http://${registry.host}/token`;
    registry.lie = (request, response) => {
      if (request.url?.startsWith('/token')) return Boolean(response.end('{"token":"abc"}'));
      if (request.headers.authorization === 'Bearer abc') return false;
      const challenge = `Bearer realm="${realm}",service="tests"`;
      return Boolean(response.writeHead(401, { 'www-authenticate': challenge }).end());
    };
    const session = open({ credentials });
    expect(await Promise.all([text(session), text(session), text(session)])).toEqual(Array(3).fill('200 hello'));
    const tokens = registry.requests.filter((request) => request.startsWith('GET /token'));
    expect(tokens).toHaveLength(1);
    expect(tokens[0]).toContain('scope=repository%3Alibrary%2Ftiny%3Apull');
    const index = registry.requests.findIndex((request) => request.startsWith('GET /token'));
    expect(registry.headers[index]?.authorization).toBe(basic);
  });

  it('do not follow a redirect to another host', async () => {
    registry.lie = (request, response) => {
      if (request.headers.authorization !== basic) {
        return Boolean(response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end());
      }
      return Boolean(response.writeHead(307, { location: `http://${other.host}/v2/x` }).end());
    };
    expect(await text(open({ credentials }))).toBe('200 hello from the other');
    expect(other.headers[0]).not.toHaveProperty('authorization');
  });

  it('are not sent to a token server that plain HTTP would carry them to', async () => {
    registry.lie = (_request, response) => {
      const challenge = `Bearer realm="http://localhost:${other.host.split(':')[1]}/token"`;
      return Boolean(response.writeHead(401, { 'www-authenticate': challenge }).end());
    };
    await expect(text(open({ credentials }))).rejects.toThrow('names an unusable token server');
    expect(other.requests).toEqual([]);
  });

  it.each(['file:///etc/passwd', 'ftp://x/', 'not a url', ''])('the realm %j is refused', async (realm) => {
    registry.lie = (_request, response) =>
      Boolean(response.writeHead(401, { 'www-authenticate': `Bearer realm="${realm}"` }).end());
    await expect(text(open({ credentials }))).rejects.toThrow('names an unusable token server');
  });

  it('a token with a line break is refused', async () => {
    registry.lie = (request, response) => {
      if (request.url?.startsWith('/token')) return Boolean(response.end('{"token":"a\\r\\nx: y"}'));
      const challenge = `Bearer realm="http://${registry.host}/token"`;
      return Boolean(response.writeHead(401, { 'www-authenticate': challenge }).end());
    };
    await expect(text(open())).rejects.toThrow('no usable token');
  });
});

describe('redirects', () => {
  it('end after a few hops', async () => {
    registry.lie = (_request, response) => Boolean(response.writeHead(302, { location: '/v2/x' }).end());
    await expect(text(open())).rejects.toThrow('too many redirects');
  });

  it('lead to nothing but HTTP', async () => {
    registry.lie = (_request, response) => Boolean(response.writeHead(302, { location: 'file:///etc/passwd' }).end());
    await expect(text(open())).rejects.toThrow('a redirect to file:');
  });
});

it('says what Podman says when nobody listens', async () => {
  const { host } = registry;
  await registry.close();
  await expect(text(open({ retry: 0 }))).rejects.toThrow(
    `pinging container registry ${host}: Get "http://${host}/v2/": dial tcp ${host}: connect: connection refused`,
  );
  registry = await startLyingRegistry();
});

it('does not talk plain HTTP to a registry that is not insecure', async () => {
  await expect(text(open({ insecure: false, retry: 0 }))).rejects.toThrow(
    'http: server gave HTTP response to HTTPS client',
  );
});
