import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inspectImage } from '../../src/image/inspect.ts';
import { findImage, resolveImage } from '../../src/image/lookup.ts';
import { removeImages } from '../../src/image/remove.ts';
import { tagImage, untagImage } from '../../src/image/tag.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { hostPlatform } from '../../src/registry/platform.ts';
import { putImage, sha256, type TinyImage, tinyImage } from '../registry/lying-registry.ts';
import { newSetting, type Setting } from './setting.ts';

const registries = `
unqualified-search-registries = ["docker.io"]
[aliases]
"short-tspod" = "docker.io/library/tiny"
[[registry]]
location = "docker.io"
[[registry.mirror]]
location = "HOST"
insecure = true
`;

let setting: Setting;
let image: TinyImage;
let name: string;

beforeEach(async () => {
  setting = await newSetting(registries);
  image = tinyImage(3, 2000);
  putImage(setting.registry, image);
  name = `${setting.registry.host}/library/tiny:latest`;
});

afterEach(() => setting.close());

/** registries.conf decides about TLS. */
const asConfigured = { tlsVerify: 'registries.conf' } as const;
const id = () => image.configDigest.slice(7);

describe('a pull', () => {
  it('stores the image under its full name, with config and manifest', async () => {
    const { record } = await setting.pull(name);
    expect(record).toMatchObject({ id: id(), names: [name], digest: image.manifestDigest });
    expect(setting.store.bigData(record, image.configDigest)).toEqual(image.config);
    expect(setting.store.bigData(record, 'manifest')).toEqual(image.manifest);
    expect(setting.leftovers()).toEqual({ images: 1, layers: 3, folders: [] });
  });

  it('of a known image costs one request for the manifest', async () => {
    await setting.pull(name);
    setting.registry.requests.length = 0;
    expect((await setting.pull(name)).record.id).toBe(id());
    expect(setting.registry.requests).toEqual(['GET /v2/library/tiny/manifests/latest']);
  });

  it('of an image that shares layers fetches only the others', async () => {
    await setting.pull(name);
    const config = Buffer.from(image.config.toString().replace('true', 'other'));
    const manifest = Buffer.from(
      image.manifest
        .toString()
        .replaceAll(image.configDigest, sha256(config))
        .replace(`"size":${image.config.length}`, `"size":${config.length}`),
    );
    putImage(setting.registry, {
      ...image,
      config,
      configDigest: sha256(config),
      manifest,
      manifestDigest: sha256(manifest),
    });
    setting.registry.requests.length = 0;
    await setting.pull(name);
    const blobs = setting.registry.requests.filter((request) => request.includes('/blobs/'));
    expect(blobs).toEqual([`GET /v2/library/tiny/blobs/${sha256(config)}`]);
  });

  it('of an index chooses the platform and remembers both manifests', async () => {
    const entry = { mediaType: mediaTypes.ociManifest, digest: image.manifestDigest, size: image.manifest.length };
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociIndex,
        manifests: [
          { ...entry, digest: `sha256:${'9'.repeat(64)}`, platform: { os: 'plan9', architecture: 'mips' } },
          { ...entry, platform: hostPlatform() },
        ],
      }),
    );
    setting.registry.put('/v2/library/tiny/manifests/list', index, mediaTypes.ociIndex);
    const { record } = await setting.pull(`${setting.registry.host}/library/tiny:list`);
    expect(record.digest).toBe(sha256(index));
    expect(record['big-data-names']).toContain(`manifest-${image.manifestDigest}`);
    setting.registry.requests.length = 0;
    await setting.pull(`${setting.registry.host}/library/tiny:list`);
    expect(setting.registry.requests).toEqual(['GET /v2/library/tiny/manifests/list']);
  });

  it('by digest names the image by it, and images shows no name', async () => {
    const byDigest = `${setting.registry.host}/library/tiny@${image.manifestDigest}`;
    await setting.pull(byDigest);
    expect(setting.store.images()[0]?.names).toEqual([byDigest]);
    expect(inspectImage(setting, id()).RepoTags).toEqual([]);
  });

  it('of a short name goes to the mirror and keeps the name of the registry', async () => {
    await setting.pull('tiny', asConfigured);
    expect(setting.store.images()[0]?.names).toEqual(['docker.io/library/tiny:latest']);
    expect(setting.events).toContainEqual({ type: 'trying', name: 'docker.io/library/tiny:latest' });
  });

  it('of an alias says where the alias comes from', async () => {
    await setting.pull('short-tspod', asConfigured);
    expect(setting.events[0]).toMatchObject({
      text: expect.stringMatching(/^Resolved "short-tspod" as an alias \(.*registries.conf\)$/),
    });
  });

  it('moves a tag from the image that had it', async () => {
    await setting.pull(name);
    const other = tinyImage(1);
    putImage(setting.registry, other);
    await setting.pull(name);
    const names = setting.store.images().map((record) => record.names);
    expect(names).toEqual(expect.arrayContaining([[], [name]]));
  });

  it('by several processes at once ends with one image', async () => {
    await Promise.all([setting.pull(name), setting.pull(name), setting.pull(name)]);
    expect(setting.leftovers()).toEqual({ images: 1, layers: 3, folders: [] });
  });
});

describe('the policy', () => {
  it('never asks no registry', async () => {
    await expect(setting.pull(name, { policy: 'never' })).rejects.toThrow(`${name}: image not known`);
    expect(setting.registry.requests).toEqual([]);
  });

  it('missing asks only when the image is not there', async () => {
    await setting.pull(name, { policy: 'missing' });
    setting.registry.requests.length = 0;
    await setting.pull(name, { policy: 'missing' });
    expect(setting.registry.requests).toEqual([]);
  });

  it('newer keeps the image when nothing changed, or nobody answers', async () => {
    await setting.pull(name);
    setting.events.length = 0;
    await setting.pull(name, { policy: 'newer' });
    expect(setting.events).toEqual([]);
    setting.registry.lie = (_request, response) => Boolean(response.writeHead(404).end());
    expect((await setting.pull(name, { policy: 'newer' })).record.id).toBe(id());
  });

  it('newer pulls what changed', async () => {
    await setting.pull(name);
    const other = tinyImage(1);
    putImage(setting.registry, other);
    expect((await setting.pull(name, { policy: 'newer' })).record.id).toBe(other.configDigest.slice(7));
  });

  it('always cannot pull an id', async () => {
    await setting.pull(name);
    await expect(setting.pull(id())).rejects.toThrow('image has been referred to by ID');
  });
});

describe('an image is found', () => {
  beforeEach(async () => {
    await setting.pull('tiny', asConfigured);
  });

  it.each([
    'tiny',
    'tiny:latest',
    'library/tiny',
    'docker.io/tiny',
    'docker.io/library/tiny:latest',
    'docker://docker.io/library/tiny',
    'short-tspod',
  ])('as %s', (text) => {
    expect(resolveImage(setting, text)?.name).toBe('docker.io/library/tiny:latest');
  });

  it('by id, by its beginning, and by digest', () => {
    for (const text of [id(), id().slice(0, 6), `sha256:${id()}`, `docker.io/library/tiny@${image.manifestDigest}`]) {
      expect(findImage(setting, text)?.record.id).toBe(id());
    }
  });

  it.each(['nosuch', 'tiny:other', 'iny', 'quay.io/library/tiny', 'UPPER', '', `sha256:${'0'.repeat(64)}`])(
    'not as %j',
    (text) => {
      expect(findImage(setting, text)).toBeNull();
    },
  );

  it('an image of localhost is preferred to one of a search registry', async () => {
    const other = tinyImage(1);
    putImage(setting.registry, other, 'other');
    await setting.pull(`${setting.registry.host}/library/tiny:other`);
    tagImage(setting, other.configDigest.slice(7), ['tiny']);
    expect(findImage(setting, 'tiny')?.record.id).toBe(other.configDigest.slice(7));
  });
});

describe('names', () => {
  beforeEach(() => setting.pull(name));

  it('are added in front, and remembered when they are removed', () => {
    tagImage(setting, name, ['one', 'two:2']);
    expect(setting.store.images()[0]?.names).toEqual(['localhost/two:2', 'localhost/one:latest', name]);
    untagImage(setting, name, ['one']);
    expect(setting.store.images()[0]).toMatchObject({
      names: ['localhost/two:2', name],
      'names-history': [name, 'localhost/two:2', 'localhost/one:latest'],
    });
  });

  it('that an image does not have cannot be removed', () => {
    expect(() => untagImage(setting, name, ['nosuch'])).toThrow('localhost/nosuch:latest: tag not known');
  });

  it('go first, the image with the last of them', async () => {
    tagImage(setting, name, ['one']);
    expect(await removeImages(setting, ['one'])).toMatchObject({ untagged: ['localhost/one:latest'], deleted: [] });
    expect(await removeImages(setting, [name])).toMatchObject({ untagged: [name], deleted: [id()] });
    expect(setting.leftovers()).toEqual({ images: 0, layers: 0, folders: [] });
  });

  it('an id with several of them needs force', async () => {
    tagImage(setting, name, ['one']);
    const report = await removeImages(setting, [id().slice(0, 12)]);
    expect(String(report.errors[0])).toContain('by ID with more than one tag');
    expect((await removeImages(setting, [id()], { force: true })).deleted).toEqual([id()]);
  });

  it('what is missing is an error, and the others are removed all the same', async () => {
    const report = await removeImages(setting, ['nosuch', name]);
    expect(report).toMatchObject({ deleted: [id()], errors: [{ message: 'nosuch: image not known' }] });
  });
});
