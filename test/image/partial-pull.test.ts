import { mkdirSync, writeFileSync } from 'node:fs';
import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { chunkedAnnotation } from '../../src/image/chunked/annotations.ts';
import { parseToc, type Toc } from '../../src/image/chunked/toc.ts';
import { decodeFrames } from '../../src/image/chunked/zstd.ts';
import { importTarball } from '../../src/image/import.ts';
import { pushImage } from '../../src/image/push.ts';
import { removeImages } from '../../src/image/remove.ts';
import type { Descriptor, Manifest } from '../../src/oci/image-spec.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { openStore } from '../../src/storage/store.ts';
import { must } from '../helpers/exec.ts';
import { type Registry, startRegistry } from '../helpers/registry.ts';
import { sha256 } from '../registry/lying-registry.ts';
import { newSetting, type Setting } from './setting.ts';

const unzstd = (bytes: Buffer) => Buffer.concat([...decodeFrames(bytes, 1e9)]);

let setting: Setting;
let real: Registry;

const insecure = { tlsVerify: false, retryDelay: 1, encoding: { compression: 'zstd:chunked' } } as const;

beforeEach(async () => {
  setting = await newSetting();
  real = await startRegistry();
});

afterEach(async () => {
  await real.stop();
  await setting.close();
});

/** Sizes of several frames, text that repeats, empty files, links, an attribute. */
async function importTree(tag: string, changed: string): Promise<string> {
  const { dir } = setting.files;
  const tree = `${dir}/tree`;
  mkdirSync(`${tree}/folder/deep`, { recursive: true });
  for (let i = 0; i < 30; i++) writeFileSync(`${tree}/folder/file-${i}`, noise(i, 30_000 + i * 1000));
  writeFileSync(`${tree}/large`, noise(99, 2_500_000));
  writeFileSync(`${tree}/folder/deep/${'long-name-'.repeat(15)}`, 'long');
  writeFileSync(`${tree}/empty`, '');
  writeFileSync(`${tree}/changed`, changed.repeat(2000));
  await must('sh', [
    '-c',
    `ln -sf folder ${tree}/link; ln -f ${tree}/empty ${tree}/hard; setfattr -n user.x -v y ${tree}/empty || true`,
  ]);
  await must('tar', ['--format=pax', '--xattrs', '-C', tree, '-cf', `${dir}/tree.tar`, '.']);
  return importTarball(setting, `${dir}/tree.tar`, { reference: `localhost/tree:${tag}` });
}

/** Bytes that do not compress, the same in every run. */
function noise(seed: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  let state = seed + 1;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

async function layerOf(tag: string): Promise<Descriptor> {
  const headers = { accept: mediaTypes.ociManifest };
  const response = await fetch(`${real.url}/v2/a/tree/manifests/${tag}`, { headers });
  const [layer] = ((await response.json()) as Manifest).layers;
  if (!layer) throw new Error('no layer');
  return layer;
}

async function blobOf(layer: Descriptor): Promise<Buffer> {
  const response = await fetch(`${real.url}/v2/a/tree/blobs/${layer.digest}`);
  return Buffer.from(await response.arrayBuffer());
}

/** Two images of one file's difference, both pushed, the first one in the store. */
async function pushTwo(): Promise<string> {
  await importTree('1', 'one');
  await pushImage(setting, 'localhost/tree:1', `${real.host}/a/tree:1`, insecure);
  const second = await importTree('2', 'two');
  await pushImage(setting, 'localhost/tree:2', `${real.host}/a/tree:2`, insecure);
  await removeImages(setting, ['localhost/tree:2']);
  return second;
}

/** Serves the second image from the registry that lies, with its layer changed. */
async function serve(change: (layer: Descriptor, blob: Buffer) => Buffer): Promise<string> {
  const id = await pushTwo();
  const layer = await layerOf('2');
  const blob = change(layer, await blobOf(layer));
  const path = '/v2/a/tree';
  const headers = { accept: mediaTypes.ociManifest };
  const manifest = (await (await fetch(`${real.url}${path}/manifests/2`, { headers })).json()) as Manifest;
  const config = await fetch(`${real.url}${path}/blobs/${manifest.config.digest}`);
  const bytes = Buffer.from(JSON.stringify({ ...manifest, layers: [layer] }));
  setting.registry.put(`${path}/manifests/2`, bytes, mediaTypes.ociManifest);
  setting.registry.put(`${path}/blobs/${manifest.config.digest}`, Buffer.from(await config.arrayBuffer()));
  setting.registry.lie = (request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (!from || request.url !== `${path}/blobs/${layer.digest}`) return false;
    const body = blob.subarray(Number(from), Number(to) + 1);
    response.writeHead(206, { 'content-range': `bytes ${from}-${to}/${blob.length}`, 'content-length': body.length });
    return Boolean(response.end(body));
  };
  setting.registry.put(`${path}/blobs/${layer.digest}`, blob);
  return id;
}

const pullLie = () => setting.pull(`${setting.registry.host}/a/tree:2`);
const places = ({ annotations = {} }: Descriptor) =>
  (annotations[chunkedAnnotation.position] ?? '').split(':').map(Number);

/** Puts another table into the blob, over what follows the frames. */
function withToc(layer: Descriptor, blob: Buffer, change: (toc: Toc) => void): Buffer {
  const [offset = 0, length = 0] = places(layer);
  const toc = JSON.parse(unzstd(blob.subarray(offset, offset + length)).toString()) as Toc;
  change(toc);
  const plain = Buffer.from(JSON.stringify(toc));
  const packed = zstdCompressSync(plain);
  const [splitOffset = 0, splitLength = 0, splitPlain = 0] = (layer.annotations?.[chunkedAnnotation.tarSplit] ?? '')
    .split(':')
    .map(Number);
  const split = blob.subarray(splitOffset, splitOffset + splitLength);
  const made = Buffer.concat([blob.subarray(0, offset), packed, split]);
  layer.size = made.length;
  layer.annotations = {
    [chunkedAnnotation.checksum]: sha256(packed),
    [chunkedAnnotation.position]: `${offset}:${packed.length}:${plain.length}:1`,
    [chunkedAnnotation.tarSplit]: `${offset + packed.length}:${split.length}:${splitPlain}`,
  };
  return made;
}

it('a layer pushed as zstd:chunked has a table of contents that fits it', async () => {
  await importTree('1', 'one');
  await pushImage(setting, 'localhost/tree:1', `${real.host}/a/tree:1`, insecure);
  const layer = await layerOf('1');
  const blob = await blobOf(layer);
  expect(layer.mediaType).toBe(mediaTypes.ociLayerZstd);
  const [offset = 0, length = 0, plain] = places(layer);
  const packed = blob.subarray(offset, offset + length);
  expect(sha256(packed)).toBe(layer.annotations?.[chunkedAnnotation.checksum]);
  const table = unzstd(packed);
  expect(table.length).toBe(plain);
  const toc = parseToc(table, offset);
  for (const entry of toc.entries.filter(({ type, size }) => type === 'reg' && size)) {
    expect(sha256(unzstd(blob.subarray(entry.offset, entry.endOffset)))).toBe(entry.digest);
  }
  expect(toc.entries.find(({ name }) => name.endsWith('/link'))).toMatchObject({ type: 'symlink', linkName: 'folder' });
  expect(blob.subarray(-8).toString()).toBe('GNUlInUx');
  await removeImages(setting, ['localhost/tree:1']);
  const whole = await setting.pull(`${real.host}/a/tree:1`);
  expect(whole.config.rootfs.diff_ids.length).toBe(1);
});

it('only the files that the store lacks are fetched, and the layer is the same', async () => {
  const id = await serve((_, blob) => blob);
  const sizes: number[] = [];
  const honest = setting.registry.lie;
  setting.registry.lie = (request, response) => {
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (from) sizes.push(Number(to) - Number(from) + 1);
    return honest(request, response);
  };
  const { record } = await pullLie();
  expect(record.id).toBe(id);
  const layer = setting.store.hasLayer(record.layer ?? '');
  expect(layer?.['toc-digest']).toMatch(/^sha256:/);
  expect(layer?.['compressed-diff-digest']).toBeUndefined();
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(100_000);
  expect(await setting.store.checkFully()).toEqual([]);
});

it('the layer is fetched as a whole when told so, and from a registry without ranges', async () => {
  const id = await serve((_, blob) => blob);
  const { root, runroot } = setting.files;
  const off = { ...setting, store: openStore({ graphRoot: root, runRoot: runroot, partialPulls: false }) };
  const { pullImage } = await import('../../src/image/pull.ts');
  setting.registry.lie = () => false;
  const { record } = await pullImage(off, `${setting.registry.host}/a/tree:2`, { tlsVerify: false });
  expect(record.id).toBe(id);
  expect(setting.registry.headers.every(({ range }) => range === undefined)).toBe(true);
  await removeImages(setting, [record.id]);
  const whole = await pullLie();
  expect(setting.store.hasLayer(whole.record.layer ?? '')?.['compressed-diff-digest']).toMatch(/^sha256:/);
});

it.each<[string, (toc: Toc) => void, string]>([
  ['traversal', (toc) => toc.entries.push({ type: 'reg', name: '../../canary' }), 'leads out of the layer'],
  ['overlapping frames', (toc) => moveLast(toc), 'overlaps another file'],
  ['frames outside of the blob', (toc) => setLast(toc, { endOffset: 1e12 }), 'lies outside of the blob'],
  ['a wrong digest of a file', (toc) => setChanged(toc, { digest: sha256(Buffer.from('x')) }), 'is not what the table'],
  ['a file that is missing in it', (toc) => dropChanged(toc), 'it does not describe'],
  ['an unknown type', (toc) => toc.entries.push({ type: 'evil', name: 'x' }), 'of no known type'],
  ['no valid digest', (toc) => setChanged(toc, { digest: 'sha256:../../etc/passwd' }), 'has no valid digest'],
])('a table of contents with %s is refused', async (_, change, message) => {
  await serve((layer, blob) => withToc(layer, blob, change));
  await expect(pullLie()).rejects.toThrow(message);
  expect(setting.leftovers().folders).toEqual([]);
});

const files = (toc: Toc) => toc.entries.filter(({ type, size }) => type === 'reg' && size);
const changedOf = (toc: Toc) => files(toc).find(({ name }) => name.endsWith('/changed')) ?? { type: '', name: '' };
function setChanged(toc: Toc, change: object): void {
  Object.assign(changedOf(toc), change);
}
function setLast(toc: Toc, change: object): void {
  Object.assign(files(toc).at(-1) ?? {}, change);
}
function moveLast(toc: Toc): void {
  setLast(toc, { offset: files(toc).at(-2)?.offset });
}
function dropChanged(toc: Toc): void {
  toc.entries = toc.entries.filter((entry) => entry !== changedOf(toc));
}

it('a table that is not the one the manifest names is refused', async () => {
  await serve((layer, blob) => {
    layer.annotations = { ...layer.annotations, [chunkedAnnotation.checksum]: sha256(Buffer.from('other')) };
    return blob;
  });
  await expect(pullLie()).rejects.toThrow(/table of contents of the layer: it has digest sha256:\w+, expected/);
});

it('a table that would be huge is not even fetched', async () => {
  await serve((layer, blob) => {
    const [offset, length] = places(layer);
    layer.annotations = { ...layer.annotations, [chunkedAnnotation.position]: `${offset}:${length}:${1e12}:1` };
    return blob;
  });
  await expect(pullLie()).rejects.toThrow(/it has 1000000000000 bytes: more than \d+ are not read/);
});

it('a table that unpacks to more than it says is refused', async () => {
  await serve((layer, blob) => {
    const [offset, length] = places(layer);
    layer.annotations = { ...layer.annotations, [chunkedAnnotation.position]: `${offset}:${length}:10:1` };
    return blob;
  });
  await expect(pullLie()).rejects.toThrow('table of contents of the layer');
});

it('Podman and skopeo take the layer', async () => {
  await importTree('1', 'one');
  await pushImage(setting, 'localhost/tree:1', `${real.host}/a/tree:1`, insecure);
  await must('skopeo', [
    'copy',
    '--src-tls-verify=false',
    `docker://${real.host}/a/tree:1`,
    `dir:${setting.files.dir}/copied`,
  ]);
});
