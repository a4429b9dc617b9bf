import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { decodeFrames } from '../../src/image/chunked/zstd.ts';
import { importTarball } from '../../src/image/import.ts';
import { pushImage } from '../../src/image/push.ts';
import { removeRecords } from '../../src/image/remove.ts';
import type { Descriptor, Manifest } from '../../src/oci/image-spec.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { must } from '../helpers/exec.ts';
import { type Registry, startRegistry } from '../helpers/registry.ts';
import { newSetting, type Setting } from './setting.ts';

const unzstd = (bytes: Buffer) => Buffer.concat([...decodeFrames(bytes, 1e9)]);

let setting: Setting;
let real: Registry;
let id: string;

const insecure = { tlsVerify: false, retryDelay: 1 };

/** Larger than some pieces, with files that end within one and files that fill several. */
async function importTree(): Promise<string> {
  const { dir } = setting.files;
  mkdirSync(`${dir}/tree/folder`, { recursive: true });
  writeFileSync(`${dir}/tree/random`, randomBytes(1_500_000));
  writeFileSync(`${dir}/tree/folder/text`, 'all work and no play\n'.repeat(200_000));
  writeFileSync(`${dir}/tree/empty`, '');
  for (let i = 0; i < 40; i++) writeFileSync(`${dir}/tree/folder/small-${i}`, `${i}`.repeat(i));
  await must('tar', ['-C', `${dir}/tree`, '-cf', `${dir}/tree.tar`, '.']);
  return importTarball(setting, `${dir}/tree.tar`, { reference: 'localhost/tree:1' });
}

beforeEach(async () => {
  setting = await newSetting();
  real = await startRegistry();
  id = await importTree();
});

afterEach(async () => {
  await real.stop();
  await setting.close();
});

async function fetched(path: string, accept: string = mediaTypes.ociManifest): Promise<Buffer> {
  const response = await fetch(`${real.url}/v2/a/tree/${path}`, { headers: { accept } });
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

async function layerOf(tag: string): Promise<Descriptor> {
  const manifest = JSON.parse((await fetched(`manifests/${tag}`)).toString()) as Manifest;
  const [layer] = manifest.layers;
  if (!layer) throw new Error('no layer');
  return layer;
}

const digest = (bytes: Uint8Array) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
const diffId = () => setting.store.imageConfig(setting.store.imageById(id) ?? fail()).rootfs.diff_ids[0];
const fail = (): never => {
  throw new Error('no image');
};

it.each([
  [{ compression: 'gzip' }, gunzipSync, mediaTypes.ociLayerGzip],
  [{ compression: 'gzip', level: 9 }, gunzipSync, mediaTypes.ociLayerGzip],
  [{ compression: 'zstd' }, unzstd, mediaTypes.ociLayerZstd],
  [{ compression: 'zstd', level: 19 }, unzstd, mediaTypes.ociLayerZstd],
] as const)('a layer pushed as %o is the very tar that came', async (encoding, decode, mediaType) => {
  await pushImage(setting, id, `${real.host}/a/tree:1`, { ...insecure, encoding });
  const layer = await layerOf('1');
  const blob = await fetched(`blobs/${layer.digest}`);
  expect(layer).toMatchObject({ mediaType, digest: digest(blob), size: blob.length });
  expect(digest(decode(blob))).toBe(diffId());
});

it('gzip and zstd of the machine read the streams', async () => {
  const { dir } = setting.files;
  for (const compression of ['gzip', 'zstd'] as const) {
    await pushImage(setting, id, `${real.host}/a/tree:${compression}`, { ...insecure, encoding: { compression } });
    writeFileSync(`${dir}/blob`, await fetched(`blobs/${(await layerOf(compression)).digest}`));
    const sum = await must('sh', ['-c', `${compression} -dc < ${dir}/blob | sha256sum`]);
    expect(`sha256:${sum.slice(0, 64)}`).toBe(diffId());
  }
});

it('what was pulled and is pushed back has the very digest of its manifest', async () => {
  const digest = await pushImage(setting, id, `${real.host}/a/tree:1`, insecure);
  await removeRecords(setting, setting.store.images());
  await setting.pull(`${real.host}/a/tree:1`);
  expect(await pushImage(setting, id, `${real.host}/a/tree:2`, insecure)).toBe(digest);
});

it('a blob of another repository of the registry is mounted, not sent', async () => {
  await pushImage(setting, id, `${real.host}/a/tree:1`, insecure);
  await removeRecords(setting, setting.store.images());
  await setting.pull(`${real.host}/a/tree:1`);
  const before = (await must('sh', ['-c', `find ${real.dir} -name startedat | wc -l`])).trim();
  await pushImage(setting, id, `${real.host}/b/other:1`, insecure);
  const after = (await must('sh', ['-c', `find ${real.dir} -name startedat | wc -l`])).trim();
  expect(after).toBe(before);
  const response = await fetch(`${real.url}/v2/b/other/manifests/1`, { headers: { accept: mediaTypes.ociManifest } });
  expect(response.status).toBe(200);
});

it('zstd that is asked for replaces gzip that the registry has, unless told otherwise', async () => {
  await pushImage(setting, id, `${real.host}/a/tree:1`, insecure);
  await removeRecords(setting, setting.store.images());
  await setting.pull(`${real.host}/a/tree:1`);
  const zstd = { ...insecure, encoding: { compression: 'zstd' } } as const;
  await pushImage(setting, id, `${real.host}/a/tree:2`, zstd);
  expect((await layerOf('2')).mediaType).toBe(mediaTypes.ociLayerGzip);
  await pushImage(setting, id, `${real.host}/a/tree:3`, { ...zstd, forceCompression: true });
  expect((await layerOf('3')).mediaType).toBe(mediaTypes.ociLayerZstd);
});

it("Docker's manifest cannot name zstd", async () => {
  const encoding = { compression: 'zstd' } as const;
  const push = pushImage(setting, id, `${real.host}/a/tree:1`, { ...insecure, encoding, format: 'v2s2' });
  await expect(push).rejects.toThrow('compression using zstd needs --format oci');
});

it('a changed file of the store is noticed before the last byte is sent', async () => {
  const layer = setting.store.imageById(id)?.layer ?? '';
  writeFileSync(`${setting.store.layerFolder(layer)}/diff/folder/text`, 'x'.repeat(4_200_000));
  const push = pushImage(setting, id, `${real.host}/a/tree:1`, insecure);
  await expect(push).rejects.toThrow(/folder\/text" was changed: file integrity checksum failed$/);
});

it('an upload that breaks off is made again', async () => {
  let patches = 0;
  setting.registry.lie = (request, response) => {
    if (request.method === 'HEAD') return Boolean(response.writeHead(404).end());
    const headers = { location: request.url };
    if (request.method === 'POST') return Boolean(response.writeHead(202, { location: `${request.url}1` }).end());
    if (request.method === 'PATCH' && patches++ === 0) {
      request.once('data', () => request.socket.destroy());
      return true;
    }
    request.resume();
    request.on('end', () => response.writeHead(request.method === 'PATCH' ? 202 : 201, headers).end());
    return true;
  };
  await pushImage(setting, id, `${setting.registry.host}/a/tree:1`, insecure);
  expect(patches).toBe(2);
});

it('skopeo copies what was pushed', async () => {
  await pushImage(setting, id, `${real.host}/a/tree:zstd`, { ...insecure, encoding: { compression: 'zstd' } });
  const to = `dir:${setting.files.dir}/copied`;
  await must('skopeo', ['copy', '--src-tls-verify=false', `docker://${real.host}/a/tree:zstd`, to]);
  const layer = await layerOf('zstd');
  const copied = await must('sha256sum', [`${setting.files.dir}/copied/${layer.digest.slice(7)}`]);
  expect(copied.slice(0, 64)).toBe(layer.digest.slice(7));
});
