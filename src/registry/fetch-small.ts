/** One small file of a web server that is no registry. */
import { TspodError } from '../errors.ts';
import { readBody } from './read-body.ts';
import { type HttpResponse, Transport } from './transport.ts';

const maxRedirects = 5;

/**
 * Reads the body of a URL; null when the server says 404.
 *
 * @param limit the longest body in bytes
 * @throws TspodError UNREACHABLE, REGISTRY, CORRUPT_BLOB
 */
export async function fetchSmall(url: URL, limit: number): Promise<Buffer | null> {
  let place = url;
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    const transport = new Transport(place.host, { insecure: false, scheme: schemeOf(place) });
    try {
      const response = await transport.request(place.pathname + place.search);
      const next = redirect(response);
      if (!next) return await bodyOf(response, limit);
      await response.body.dump();
      place = next;
    } finally {
      await transport.close();
    }
  }
  throw new TspodError('REGISTRY', `reading ${url.href}: too many redirects`);
}

async function bodyOf({ status, body, url }: HttpResponse, limit: number): Promise<Buffer | null> {
  if (status === 404) {
    await body.dump();
    return null;
  }
  if (status !== 200) {
    await body.dump();
    throw new TspodError('REGISTRY', `reading ${url.href}: status ${status}`);
  }
  const bytes = await readBody(body, limit);
  if (bytes) return bytes;
  throw new TspodError('CORRUPT_BLOB', `reading ${url.href}: it is longer than ${limit} bytes`);
}

/** Never from https to http, nor to anything else. */
function redirect({ status, headers, url }: HttpResponse): URL | null {
  if (![301, 302, 303, 307, 308].includes(status)) return null;
  const target = URL.parse(String(headers['location'] ?? ''), url.href);
  const allowed = target?.protocol === 'https:' || (target?.protocol === 'http:' && url.protocol === 'http:');
  if (target && allowed) return target;
  throw new TspodError('REGISTRY', `reading ${url.href}: a redirect to nowhere`);
}

function schemeOf({ protocol }: URL): 'http' | 'https' {
  return protocol === 'http:' ? 'http' : 'https';
}
