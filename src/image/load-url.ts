/** Downloads an archive and loads it. */
import type { Readable } from 'node:stream';
import { TspodError } from '../errors.ts';
import { type HttpResponse, Transport } from '../registry/transport.ts';
import { spool } from './archive/spool.ts';
import type { ImageContext } from './context.ts';
import { type LoadedImage, type LoadOptions, loadArchive } from './load.ts';

const maxRedirects = 10;

/** Loads the archive at an http or https URL. @throws TspodError UNREACHABLE, REGISTRY, CORRUPT_BLOB */
export async function loadUrl(context: ImageContext, url: string, options: LoadOptions): Promise<LoadedImage[]> {
  const file = await download(url);
  try {
    return await loadArchive(context, file.path, options);
  } finally {
    file.remove();
  }
}

/** Brings a URL into a temporary file. @throws TspodError UNREACHABLE, REGISTRY */
export async function download(url: string): Promise<{ path: string; remove(): void }> {
  const opened: Transport[] = [];
  try {
    return await spool(await open(url, opened));
  } catch (error) {
    if (!(error instanceof TspodError) || error.message.startsWith('Get ')) throw error;
    throw new TspodError(error.code, `Get "${url}": ${error.message}`, { cause: error });
  } finally {
    for (const transport of opened) await transport.close();
  }
}

/** Follows redirects, but not from https to http. */
async function open(url: string, opened: Transport[]): Promise<Readable> {
  let target = new URL(url);
  for (let hops = 0; hops <= maxRedirects; hops += 1) {
    const transport = new Transport(target.host, { insecure: false, scheme: schemeOf(target) });
    opened.push(transport);
    const response = await transport.request(target.pathname + target.search);
    const next = response.status >= 300 && response.status < 400 ? locationOf(response, target) : null;
    if (response.status === 200) return response.body;
    await response.body.dump();
    if (!next) throw new TspodError('REGISTRY', `Get "${url}": the server answered with status ${response.status}`);
    if (schemeOf(target) === 'https' && schemeOf(next) === 'http') {
      throw new TspodError('REGISTRY', `Get "${url}": a redirect from https to http is not followed`);
    }
    target = next;
  }
  throw new TspodError('REGISTRY', `Get "${url}": too many redirects`);
}

function locationOf({ headers }: HttpResponse, base: URL): URL | null {
  const next = URL.parse(String(headers['location'] ?? ''), base.href);
  return next && /^https?:$/.test(next.protocol) ? next : null;
}

function schemeOf({ protocol }: URL): 'http' | 'https' {
  return protocol === 'http:' ? 'http' : 'https';
}
