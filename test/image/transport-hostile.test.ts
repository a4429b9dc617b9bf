/** What strangers may write into archives and folders, and what becomes of it: an error that names it, and nothing else. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyImage } from '../../src/image/copy/copy-image.ts';
import { parseImageName } from '../../src/image/transport/parse.ts';
import type { Manifest } from '../../src/oci/image-spec.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { must } from '../helpers/exec.ts';
import { putImage, sha256, type TinyImage, tinyImage } from '../registry/lying-registry.ts';
import { newSetting, type Setting } from './setting.ts';

let setting: Setting;
let image: TinyImage;

beforeEach(async () => {
  setting = await newSetting();
  image = tinyImage(2, 3000);
  putImage(setting.registry, image);
  const origin = `docker://${setting.registry.host}/library/tiny:latest`;
  await copy(origin, `dir:${path('good')}`);
  await copy(origin, `oci:${path('layout')}:x`);
});

afterEach(() => setting.close());

const path = (name: string) => join(setting.files.dir, name);
const hex = (digest: string | undefined) => (digest ?? '').slice(7);

function copy(from: string, to: string) {
  const remote = { tlsVerify: false, retry: 0 };
  const options = { source: remote, target: remote, onProgress: () => {} };
  return copyImage(setting, parseImageName(from), parseImageName(to), options);
}

/** Every kind of target: none may keep anything. */
async function refusedEverywhere(from: string, reason: RegExp): Promise<void> {
  for (const to of ['dir:T/dir', 'oci:T/oci:x', 'oci-archive:T/oa:x', 'docker-archive:T/da:x:1']) {
    mkdirSync(path('T'), { recursive: true });
    await expect(copy(from, to.replace('T', path('T'))), to).rejects.toThrow(reason);
    expect(existsSync(path('T/dir/manifest.json')), to).toBe(false);
    expect(existsSync(path('T/oci/index.json')), to).toBe(false);
    expect(
      readdirSync(path('T')).filter((name) => !['dir', 'oci'].includes(name)),
      to,
    ).toEqual([]);
    const blobs = path('T/oci/blobs/sha256');
    for (const name of existsSync(blobs) ? readdirSync(blobs) : []) {
      expect(hex(sha256(readFileSync(join(blobs, name)))), to).toBe(name);
    }
    rmSync(path('T'), { recursive: true });
  }
  await expect(copy(from, 'containers-storage:bad')).rejects.toThrow(reason);
  expect(setting.leftovers()).toEqual({ images: 0, layers: 0, folders: [] });
}

function changeManifest(change: (manifest: Manifest) => unknown): void {
  const file = path('good/manifest.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const changed = change(manifest) ?? manifest;
  writeFileSync(file, typeof changed === 'string' ? changed : JSON.stringify(changed));
}

describe('blobs', () => {
  const layer = () => path(`good/${hex(image.layers[1]?.digest)}`);
  const config = () => path(`good/${hex(image.configDigest)}`);

  it('with other bytes (negative test 11)', async () => {
    const bytes = readFileSync(layer());
    bytes[bytes.length - 20] = (bytes[bytes.length - 20] ?? 0) ^ 1;
    writeFileSync(layer(), bytes);
    await refusedEverywhere(`dir:${path('good')}`, new RegExp(`${image.layers[1]?.digest}`));
  });

  it('cut short, or with something behind them', async () => {
    const bytes = readFileSync(layer());
    writeFileSync(layer(), bytes.subarray(0, bytes.length - 1));
    await refusedEverywhere(`dir:${path('good')}`, new RegExp(`${image.layers[1]?.digest}`));
    writeFileSync(layer(), Buffer.concat([bytes, Buffer.from('x')]));
    await refusedEverywhere(`dir:${path('good')}`, new RegExp(`${image.layers[1]?.digest}`));
  });

  it('whose descriptor lies about the size (negative test 13)', async () => {
    changeManifest(({ layers }) => {
      for (const entry of layers) entry.size += 1;
    });
    await refusedEverywhere(`dir:${path('good')}`, /sha256:/);
  });

  it('that are a wrong configuration, or a missing one', async () => {
    writeFileSync(config(), readFileSync(config()).toString().replace('true', 'evil'));
    await refusedEverywhere(`dir:${path('good')}`, new RegExp(image.configDigest));
    rmSync(config());
    await refusedEverywhere(`dir:${path('good')}`, /is missing/);
  });

  it('that are links out of the folder', async () => {
    writeFileSync(path('secret'), readFileSync(layer()));
    rmSync(layer());
    symlinkSync(path('secret'), layer());
    await refusedEverywhere(`dir:${path('good')}`, /is missing/);
  });
});

describe('manifests', () => {
  it.each([
    ['sha256:../../../../etc/passwd', 'traversal by a digest (CVE-2024-3727)'],
    [`sha256:${'A'.repeat(64)}`, 'capitals'],
    [`sha1:${'0'.repeat(40)}`, 'another algorithm'],
    ['', 'no digest'],
  ])('with the digest %j: %s', async (digest) => {
    changeManifest(({ layers: [first] }) => void Object.assign(first ?? {}, { digest }));
    await refusedEverywhere(`dir:${path('good')}`, /invalid (digest|manifest)/);
  });

  it('that can be read in two ways (CVE-2021-41190)', async () => {
    const plain = readFileSync(path('good/manifest.json'), 'utf8');
    for (const twist of ['"manifests":[]', '"Layers":[]', '"config":{}']) {
      writeFileSync(path('good/manifest.json'), plain.replace('{', `{${twist},`));
      await refusedEverywhere(`dir:${path('good')}`, /invalid manifest/);
    }
  });

  it('of more than 4 MiB, and a hundred thousand brackets deep (negative test 17)', async () => {
    changeManifest((manifest) => ({ ...manifest, annotations: { x: 'x'.repeat(5 * 1024 * 1024) } }));
    await refusedEverywhere(`dir:${path('good')}`, /more than 4194304/);
    writeFileSync(path('good/manifest.json'), '['.repeat(100_000));
    await refusedEverywhere(`dir:${path('good')}`, /invalid manifest/);
  });

  it('whose digest is not that of the index', async () => {
    const blob = path(`layout/blobs/sha256/${hex(image.manifestDigest)}`);
    writeFileSync(blob, `${readFileSync(blob, 'utf8')} `);
    await refusedEverywhere(`oci:${path('layout')}:x`, /manifest has digest sha256:\w+, expected/);
  });
});

describe('an index.json', () => {
  const write = (index: unknown) => writeFileSync(path('layout/index.json'), JSON.stringify(index));
  const entry = (more: object) => ({
    mediaType: mediaTypes.ociManifest,
    size: 1,
    digest: image.manifestDigest,
    ...more,
  });

  it.each([
    [{ digest: 'sha256:../../good/manifest.json' }, /invalid digest/],
    [{ size: -1 }, /invalid size/],
    [{ digest: `sha256:${'0'.repeat(64)}` }, /is missing/],
  ])('with %j', async (more, reason) => {
    write({ schemaVersion: 2, manifests: [entry(more)] });
    await refusedEverywhere(`oci:${path('layout')}`, reason);
  });

  it('names are compared, never used as paths', async () => {
    const annotations = { 'org.opencontainers.image.ref.name': '../../../etc/passwd' };
    write({ schemaVersion: 2, manifests: [entry({ annotations })] });
    await expect(copy(`oci:${path('layout')}:passwd`, `dir:${path('d')}`)).rejects.toThrow('no descriptor found');
    expect(await copy(`oci:${path('layout')}`, `dir:${path('d')}`)).toBe(image.manifestDigest);
  });

  it('an index that lists itself ends', async () => {
    const index = (digest: string) => ({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [{ ...entry({}), digest }],
    });
    const inner = Buffer.from(JSON.stringify(index(image.manifestDigest)));
    const outer = Buffer.from(JSON.stringify({ ...index(sha256(inner)), annotations: { depth: '2' } }));
    for (const bytes of [inner, outer]) writeFileSync(path(`layout/blobs/sha256/${hex(sha256(bytes))}`), bytes);
    const platform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' };
    write({
      schemaVersion: 2,
      manifests: [{ ...entry({ digest: sha256(outer), mediaType: mediaTypes.ociIndex }), platform }],
    });
    await expect(copy(`oci:${path('layout')}`, `dir:${path('d')}`)).rejects.toThrow(
      /no image found|image index in an image index/,
    );
  });
});

describe('archives of Docker', () => {
  async function archive(files: Record<string, string | Buffer>): Promise<string> {
    const folder = path('da');
    mkdirSync(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
    await must('tar', ['-C', folder, '-cf', path('da.tar'), ...Object.keys(files)]);
    return `docker-archive:${path('da.tar')}`;
  }

  const item = (more: object) => JSON.stringify([{ Config: 'c.json', RepoTags: ['x:1'], Layers: ['l.tar'], ...more }]);

  it.each([
    [{ Config: '../../../etc/passwd' }, /"..\/..\/..\/etc\/passwd" is missing/],
    [{ Layers: ['/etc/passwd'] }, /is missing/],
    [{ Layers: [] }, /layers/],
    [{ RepoTags: ['../../x'] }, /invalid reference format/],
    [{ Config: 7 }, /names no Config/],
  ])('with %j in its manifest.json', async (more, reason) => {
    const plain = tinyImage(1, 10);
    const from = await archive({ 'manifest.json': item(more), 'c.json': plain.config, 'l.tar': 'not a tar' });
    await refusedEverywhere(from, reason);
  });

  it('whose layers are others than the configuration says (negative test 14)', async () => {
    const from = await archive({
      'manifest.json': item({}),
      'c.json': tinyImage(1, 10).config,
      'l.tar': 'x'.repeat(1024),
    });
    await refusedEverywhere(from, /sha256:\w{64}/);
  });
});

it('layers that lie elsewhere are never fetched from there', async () => {
  changeManifest(({ layers: [first] }) => {
    const urls = [`http://${setting.registry.host}/v2/library/tiny/blobs/${image.layers[0]?.digest}`];
    Object.assign(first ?? {}, { mediaType: mediaTypes.dockerForeignLayer, urls });
  });
  rmSync(path(`good/${hex(image.layers[0]?.digest)}`));
  setting.registry.requests.length = 0;
  await refusedEverywhere(`dir:${path('good')}`, /is missing/);
  expect(setting.registry.requests).toEqual([]);
});
