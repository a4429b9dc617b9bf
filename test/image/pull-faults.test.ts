import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { type Lie, manifestOf, putImage, sha256, type TinyImage, tinyImage } from '../registry/lying-registry.ts';
import { newSetting, type Setting } from './setting.ts';

let setting: Setting;
let image: TinyImage;
let name: string;

beforeEach(async () => {
  setting = await newSetting();
  image = tinyImage();
  putImage(setting.registry, image);
  name = `${setting.registry.host}/library/tiny:latest`;
});

afterEach(() => setting.close());

const nothing = { images: 0, layers: 0, folders: [] };
const isBlob: (url: string | undefined) => boolean = (url) => /\/blobs\//.test(url ?? '');

/** The one line that a user would see, and proof that nothing stays behind. */
async function failure(): Promise<string> {
  const error = await setting.pull(name, { retry: 1 }).then(
    () => new Error('the pull went well'),
    (thrown: Error) => thrown,
  );
  expect(error.name).toBe('TspodError');
  expect(error.message).not.toContain('\n');
  expect(setting.leftovers()).toEqual(nothing);
  return error.message.replaceAll(setting.registry.host, 'HOST');
}

function status(code: number, when: (url: string | undefined) => boolean, body = ''): Lie {
  return (request, response) => when(request.url) && Boolean(response.writeHead(code).end(body));
}

const source = 'unable to copy from source docker://HOST/library/tiny:latest: ';
const manifest = `${source}initializing source docker://HOST/library/tiny:latest: reading manifest latest in HOST/library/tiny: `;

describe('the manifest cannot be read', () => {
  it.each([
    [401, '', 'unauthorized: authentication required'],
    [403, '', 'denied: requested access to the resource is denied'],
    [404, '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}', 'manifest unknown'],
    [
      404,
      '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known"}]}',
      'name unknown: repository name not known',
    ],
    [429, '', 'too many requests to registry'],
    [500, 'oops', 'received unexpected HTTP status: 500 Internal Server Error'],
    [503, '', 'received unexpected HTTP status: 503 Service Unavailable'],
    [404, '{"errors":[{"code":"X","message":"a\\u001b]52;c;evil\\u0007\\nb"}]}', 'x: a ]52;c;evil b'],
  ])('status %d %s', async (code, body, words) => {
    setting.registry.lie = status(code, (url) => /manifests/.test(url ?? ''), body);
    expect(await failure()).toBe(manifest + words);
  });

  it('it is no JSON', async () => {
    setting.registry.lie = (request, response) =>
      /manifests/.test(request.url ?? '') && Boolean(response.writeHead(200).end('<html>'));
    expect(await failure()).toContain('invalid manifest: ');
  });

  it('it has another digest than was promised', async () => {
    setting.registry.lie = (request, response) => {
      if (!/manifests/.test(request.url ?? '')) return false;
      const headers = { 'content-type': mediaTypes.ociManifest, 'docker-content-digest': `sha256:${'0'.repeat(64)}` };
      return Boolean(response.writeHead(200, headers).end(image.manifest));
    };
    expect(await failure()).toContain(`manifest has digest ${image.manifestDigest}, expected sha256:0000`);
  });

  it('it has another digest than was asked for', async () => {
    const digest = `sha256:${'0'.repeat(64)}`;
    setting.registry.put(`/v2/library/tiny/manifests/${digest}`, image.manifest, mediaTypes.ociManifest);
    name = `${setting.registry.host}/library/tiny@${digest}`;
    expect(await failure()).toContain(`manifest has digest ${image.manifestDigest}, expected ${digest}`);
  });

  it('it is too long', async () => {
    setting.registry.put('/v2/library/tiny/manifests/latest', Buffer.alloc(5_000_000, ' '), mediaTypes.ociManifest);
    expect(await failure()).toBe(`${manifest}it is longer than 4194304 bytes`);
  });

  it('nobody listens', async () => {
    await setting.registry.close();
    expect(await failure()).toContain('connect: connection refused');
  });
});

describe('a blob cannot be used', () => {
  const change = (blob: Buffer, to: Buffer) => setting.registry.put(`/v2/library/tiny/blobs/${sha256(blob)}`, to);

  it.each([401, 403, 404, 429, 500])('status %d', async (code) => {
    setting.registry.lie = status(code, isBlob);
    expect(await failure()).toMatch(
      /^unable to copy from source docker:\/\/HOST\/library\/tiny:latest: reading blob sha256:/,
    );
  });

  it('a layer has flipped bytes', async () => {
    const [layer] = image.layers;
    const broken = Buffer.from(layer!.blob);
    broken[broken.length - 1000]! ^= 0xff;
    change(layer!.blob, broken);
    expect(await failure()).toContain(layer!.digest);
  });

  it('a layer is cut off', async () => {
    const [layer] = image.layers;
    change(layer!.blob, layer!.blob.subarray(0, 20_000));
    expect(await failure()).toMatch(/it ended after 20000 of \d+ bytes$/);
  });

  it('a layer has garbage at its end', async () => {
    const [layer] = image.layers;
    change(layer!.blob, Buffer.concat([layer!.blob, Buffer.from('garbage')]));
    expect(await failure()).toContain('it is longer than the');
  });

  it('the connection is reset again and again', async () => {
    setting.registry.lie = (request) => isBlob(request.url) && Boolean(request.socket.destroy());
    expect(await failure()).toMatch(/unexpected EOF|connection reset by peer/);
  });

  it('the configuration has another digest', async () => {
    change(image.config, Buffer.from(image.config.toString().replace('true', 'evil')));
    expect(await failure()).toContain(`expected ${image.configDigest}`);
  });
});

describe('manifest and configuration do not fit', () => {
  function replace(config: Buffer, change?: Parameters<typeof manifestOf>[2]): void {
    const made = manifestOf(config, image.layers, change);
    putImage(setting.registry, { ...image, config, configDigest: sha256(config), ...made });
  }

  it('600 layers are more than overlayfs mounts: none of them is downloaded', async () => {
    image = tinyImage(600, 0);
    putImage(setting.registry, image);
    expect(await failure()).toContain('it has 600 layers: at most 500 can be mounted');
    const layers = new Set(image.layers.map(({ digest }) => `GET /v2/library/tiny/blobs/${digest}`));
    expect(setting.registry.requests.filter((request) => layers.has(request))).toEqual([]);
  });

  it('a diff-id is wrong', async () => {
    const [layer] = image.layers;
    replace(Buffer.from(image.config.toString().replace(layer!.diffId, `sha256:${'1'.repeat(64)}`)));
    expect(await failure()).toContain('sha256:1111');
  });

  it('there are more layers than diff-ids', async () => {
    const config = JSON.parse(image.config.toString());
    config.rootfs.diff_ids.pop();
    replace(Buffer.from(JSON.stringify(config)));
    expect(await failure()).toBe(`${source}invalid image configuration: it names 1 layers, the manifest 2`);
  });

  it('the configuration is no JSON', async () => {
    replace(Buffer.from('hello'));
    expect(await failure()).toContain('invalid image configuration: it is no JSON');
  });

  it('a layer is said to be shorter than it is', async () => {
    replace(image.config, (value: { layers: { size: number }[] }) => {
      value.layers[0]!.size -= 1;
    });
    expect(await failure()).toContain('it is longer than the');
  });

  it('a layer is encrypted', async () => {
    replace(image.config, (value: { layers: { mediaType: string }[] }) => {
      value.layers[0]!.mediaType += '+encrypted';
    });
    expect(await failure()).toContain('is encrypted');
  });

  it('it is an artifact', async () => {
    replace(image.config, (value: { config: { mediaType: string } }) => {
      value.config.mediaType = mediaTypes.ociEmpty;
    });
    expect(await failure()).toContain('artifact');
  });

  it('URLs of foreign layers are not asked', async () => {
    replace(image.config, (value: { layers: { urls: string[] }[] }) => {
      value.layers[0]!.urls = [`http://${setting.registry.host}/secret`];
    });
    await setting.pull(name);
    expect(setting.registry.requests.join()).not.toContain('secret');
  });
});

it('a failed pull of a new tag leaves the old image as it was', async () => {
  await setting.pull(name);
  const before = setting.store.images();
  const other = tinyImage();
  putImage(setting.registry, other);
  setting.registry.lie = (request, response) =>
    request.url?.endsWith(other.layers[1]!.digest) ? Boolean(response.writeHead(404).end()) : false;
  await expect(setting.pull(name)).rejects.toThrow('reading blob');
  expect(setting.files.open().images()).toEqual(before);
  expect(setting.leftovers()).toEqual({ images: 1, layers: 2, folders: [] });
});
