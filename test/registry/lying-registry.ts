/** A registry in this process that serves images from memory and lies, breaks or refuses on command. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { TarWriter } from '../../src/image/save/tar-writer.ts';
import type { Digest } from '../../src/oci/digest.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { hostPlatform } from '../../src/registry/platform.ts';

/** Handles a request and returns true, or leaves it to the honest registry. */
export type Lie = (request: IncomingMessage, response: ServerResponse) => boolean | undefined;

export interface LyingRegistry {
  host: string;
  /** Every request so far: `GET /v2/...`. */
  requests: string[];
  /** Headers of the requests, in the same order. */
  headers: IncomingMessage['headers'][];
  lie: Lie;
  put(path: string, body: Buffer, type?: string): void;
  close(): Promise<void>;
}

export async function startLyingRegistry(): Promise<LyingRegistry> {
  const files = new Map<string, { body: Buffer; type: string }>();
  const server = createServer((request, response) => {
    registry.requests.push(`${request.method} ${request.url}`);
    registry.headers.push(request.headers);
    if (registry.lie(request, response)) return;
    serve(files.get(request.url ?? ''), request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const registry: LyingRegistry = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    headers: [],
    lie: () => false,
    put: (path, body, type = 'application/octet-stream') => files.set(path, { body, type }),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return registry;
}

function serve(
  file: { body: Buffer; type: string } | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (request.url === '/v2/') return void response.end('{}');
  if (!file) {
    const body = JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] });
    return void response.writeHead(404, { 'content-type': 'application/json' }).end(body);
  }
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
  const range = { 'content-range': `bytes ${start}-${file.body.length - 1}/${file.body.length}` };
  const body = file.body.subarray(start);
  const headers = { 'content-type': file.type, 'content-length': body.length, ...(start > 0 ? range : {}) };
  response.writeHead(start > 0 ? 206 : 200, headers).end(body);
}

export interface TinyImage {
  config: Buffer;
  configDigest: Digest;
  layers: { blob: Buffer; digest: Digest; diffId: Digest }[];
  manifest: Buffer;
  manifestDigest: Digest;
}

export function sha256(data: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/** An image with one small file per layer, and random bytes so that a layer is not too short to break. */
export function tinyImage(layerCount = 2, padding = 40_000): TinyImage {
  const layers = Array.from({ length: layerCount }, (_, index) => {
    const pieces: Uint8Array[] = [];
    const tar = new TarWriter((bytes) => pieces.push(bytes));
    tar.file(`file-${index}`, Buffer.from(`layer ${index}\n`));
    tar.file(`random-${index}`, randomBytes(padding));
    tar.end();
    const raw = Buffer.concat(pieces);
    const blob = gzipSync(raw);
    return { blob, digest: sha256(blob), diffId: sha256(raw) };
  });
  const { architecture, os } = hostPlatform();
  const config = Buffer.from(
    JSON.stringify({
      created: '2024-01-02T03:04:05Z',
      architecture,
      os,
      config: { Cmd: ['true'] },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }),
  );
  return { config, configDigest: sha256(config), layers, ...manifestOf(config, layers) };
}

export function manifestOf(config: Buffer, layers: TinyImage['layers'], change: (manifest: never) => void = () => {}) {
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: sha256(config), size: config.length },
    layers: layers.map(({ blob, digest }) => ({ mediaType: mediaTypes.ociLayerGzip, digest, size: blob.length })),
  };
  change(manifest as never);
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { manifest: bytes, manifestDigest: sha256(bytes) };
}

/** Puts an image under `library/tiny:TAG`. */
export function putImage(registry: LyingRegistry, image: TinyImage, tag = 'latest'): void {
  for (const { blob, digest } of image.layers) registry.put(`/v2/library/tiny/blobs/${digest}`, blob);
  registry.put(`/v2/library/tiny/blobs/${image.configDigest}`, image.config);
  for (const which of [tag, image.manifestDigest]) {
    registry.put(`/v2/library/tiny/manifests/${which}`, image.manifest, mediaTypes.ociManifest);
  }
}
