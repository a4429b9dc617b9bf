import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pullArchive } from '../../src/image/pull-archive.ts';
import { pushLocal } from '../../src/image/push-local.ts';
import { removeRecords } from '../../src/image/remove.ts';
import type { Index, Manifest } from '../../src/oci/image-spec.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { putImage, type TinyImage, tinyImage } from '../registry/lying-registry.ts';
import { newSetting, type Setting } from './setting.ts';

let setting: Setting;
let image: TinyImage;
let name: string;

beforeEach(async () => {
  setting = await newSetting();
  image = tinyImage(2, 3000);
  putImage(setting.registry, image);
  name = `${setting.registry.host}/library/tiny:latest`;
  await setting.pull(name);
});

afterEach(() => setting.close());

const path = (file: string) => join(setting.files.dir, file);
const clear = () => removeRecords(setting, setting.store.images());
const push = (to: string, options = {}) =>
  pushLocal(setting, name, to, { target: {}, onProgress: () => {}, ...options });
const names = () => setting.store.images().flatMap((record) => record.names ?? []);
const id = () => image.configDigest.slice(7);

describe.each([
  ['oci-archive:A:quay.io/a/b:1', 'oci-archive:A', ['quay.io/a/b:1']],
  ['oci-archive:A', 'oci-archive:A', []],
  ['oci:A:quay.io/a/b:1', 'oci:A:quay.io/a/b:1', ['quay.io/a/b:1']],
  ['oci:A:quay.io/a/b:1', 'oci:A', []],
  ['docker-archive:A:quay.io/a/b:1', 'docker-archive:A:quay.io/a/b:1', ['quay.io/a/b:1', 'NAME']],
  ['dir:A', 'dir:A', []],
])('pushed to %s and pulled from %s', (to, from, expected) => {
  it('the image is the same, with the names that Podman gives it', async () => {
    await push(to.replace('A', path('a')));
    await clear();
    expect(await pullArchive(setting, from.replace('A', path('a')), {})).toEqual([id()]);
    expect(names().sort()).toEqual(expected.map((one) => one.replace('NAME', name)).sort());
    expect(setting.leftovers()).toEqual({ images: 1, layers: 2, folders: [] });
  });
});

it('the index of a layout has the digest that the push returned', async () => {
  const digest = await push(`oci:${path('o')}:x`);
  const index = JSON.parse(readFileSync(path('o/index.json'), 'utf8')) as Index;
  expect(index.manifests.map((entry) => entry.digest)).toEqual([digest]);
});

it('zstd is written where it is asked for', async () => {
  await push(`oci:${path('o')}:x`, { compression: { format: 'zstd', recompress: false } });
  const { digest } = (JSON.parse(readFileSync(path('o/index.json'), 'utf8')) as Index).manifests[0] ?? { digest: '' };
  const manifest = JSON.parse(readFileSync(path(`o/blobs/sha256/${digest.slice(7)}`), 'utf8')) as Manifest;
  expect(manifest.layers.map(({ mediaType }) => mediaType)).toEqual([mediaTypes.ociLayerZstd, mediaTypes.ociLayerZstd]);
});

it('an image of another store is pulled from there', async () => {
  const other = await newSetting();
  try {
    expect(await pullArchive(other, setting.files.reference(name), {})).toEqual([id()]);
    expect(other.store.images()[0]?.names).toEqual([name]);
    expect(other.leftovers()).toEqual({ images: 1, layers: 2, folders: [] });
  } finally {
    await other.close();
  }
});

it('a name without a transport is that of a registry', async () => {
  expect(await pullArchive(setting, 'library/tiny', {})).toBeNull();
});
