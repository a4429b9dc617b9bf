import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CopyOptions, copyImage } from '../../src/image/copy/copy-image.ts';
import { parseImageName } from '../../src/image/transport/parse.ts';
import type { Index, Manifest } from '../../src/oci/image-spec.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { must } from '../helpers/exec.ts';
import { type Registry, startRegistry } from '../helpers/registry.ts';
import { putImage, sha256, type TinyImage, tinyImage } from '../registry/lying-registry.ts';
import { newSetting, type Setting } from './setting.ts';

let setting: Setting;
let image: TinyImage;
let origin: string;

beforeEach(async () => {
  setting = await newSetting();
  image = tinyImage(2, 3000);
  putImage(setting.registry, image);
  origin = `docker://${setting.registry.host}/library/tiny:latest`;
});

afterEach(() => setting.close());

const path = (name: string) => join(setting.files.dir, name);
const json = <T>(name: string) => JSON.parse(readFileSync(path(name), 'utf8')) as T;
const list = (name: string) => readdirSync(path(name)).sort();

function copy(from: string, to: string, options: Partial<CopyOptions> = {}) {
  const remote = { tlsVerify: false, retry: 0 };
  return copyImage(setting, parseImageName(from), parseImageName(to), {
    source: remote,
    target: { ...remote, ...options.target },
    onProgress: (event) => setting.events.push(event),
    ...options,
  });
}

describe('from a registry', () => {
  it('into a folder, byte for byte', async () => {
    expect(await copy(origin, `dir:${path('d')}`)).toBe(image.manifestDigest);
    const blobs = [image.configDigest, ...image.layers.map(({ digest }) => digest)].map((digest) => digest.slice(7));
    expect(list('d')).toEqual([...blobs, 'manifest.json', 'version'].sort());
    expect(sha256(readFileSync(path('d/manifest.json')))).toBe(image.manifestDigest);
  });

  it('into an OCI layout under a name, beside what is there', async () => {
    await copy(origin, `oci:${path('o')}:one`);
    await copy(origin, `oci:${path('o')}:two`);
    await copy(origin, `oci:${path('o')}:two`);
    const names = json<Index>('o/index.json').manifests.map(({ annotations }) => Object.values(annotations ?? {})[0]);
    expect(names).toEqual(['one', 'two']);
    await expect(copy(`oci:${path('o')}`, `dir:${path('d')}`)).rejects.toThrow(/more than one image.*one, two/);
    await expect(copy(`oci:${path('o')}:three`, `dir:${path('d')}`)).rejects.toThrow(/no descriptor found.*"three"/);
    expect(await copy(`oci:${path('o')}:@1`, `dir:${path('d')}`)).toBe(image.manifestDigest);
  });

  it('into a store, which unpacks it', async () => {
    await copy(origin, 'containers-storage:tiny:1');
    expect(setting.store.imageByName('docker.io/library/tiny:1')?.id).toBe(image.configDigest.slice(7));
    expect(setting.leftovers()).toEqual({ images: 1, layers: 2, folders: [] });
  });

  it('blobs that are at the target are not fetched again', async () => {
    await copy(origin, `oci:${path('o')}:one`);
    setting.registry.requests.length = 0;
    await copy(origin, `oci:${path('o')}:two`);
    expect(setting.registry.requests).toEqual(['GET /v2/library/tiny/manifests/latest']);
  });
});

describe.each(['oci-archive:A:x', 'docker-archive:A:tiny:x', 'dir:A', 'oci:A:x'])('through %s', (form) => {
  it('and back into a store, the image is the same', async () => {
    const place = form.replace('A', path('a'));
    await copy(origin, place);
    await copy(place, 'containers-storage:tiny');
    expect(setting.store.images().map(({ id }) => id)).toEqual([image.configDigest.slice(7)]);
    await copy('containers-storage:tiny', place.replace('/a', '/b'));
    await copy(place.replace('/a', '/b'), `dir:${path('end')}`);
    expect(json<Manifest>('end/manifest.json').config.digest).toBe(image.configDigest);
  });
});

describe('between registries', () => {
  let real: Registry;
  beforeEach(async () => {
    real = await startRegistry();
  });
  afterEach(() => real.stop());

  it('the digest stays, and a second repository gets the blobs by a mount', async () => {
    expect(await copy(origin, `docker://${real.host}/a/b:1`)).toBe(image.manifestDigest);
    const requests: string[] = [];
    setting.registry.lie = ({ method, url }) => {
      requests.push(`${method} ${url}`);
      return false;
    };
    expect(await copy(`docker://${real.host}/a/b:1`, `docker://${real.host}/c:2`)).toBe(image.manifestDigest);
    expect(
      setting.events.filter(({ type }) => type === 'blob').map((event) => 'exists' in event && event.exists),
    ).toEqual([false, false, true, true]);
    expect(requests).toEqual([]);
  });

  it('all images of an index arrive, and the index with them', async () => {
    const index = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociIndex,
        manifests: ['amd64', 'arm64'].map((architecture) => ({
          mediaType: mediaTypes.ociManifest,
          digest: image.manifestDigest,
          size: image.manifest.length,
          platform: { os: 'linux', architecture },
        })),
      }),
    );
    setting.registry.put('/v2/library/tiny/manifests/many', index, mediaTypes.ociIndex);
    const many = origin.replace('latest', 'many');
    expect(await copy(many, `docker://${real.host}/m:all`, { select: 'all' })).toBe(sha256(index));
    expect(await copy(`docker://${real.host}/m:all`, `dir:${path('d')}`)).toBe(image.manifestDigest);
    expect(await copy(many, `oci:${path('o')}`, { select: 'all' })).toBe(sha256(index));
    expect(await copy(`oci:${path('o')}`, `docker://${real.host}/m:again`, { select: 'all' })).toBe(sha256(index));
    await expect(copy(many, `docker-archive:${path('a')}`, { select: 'all' })).rejects.toThrow('takes one image only');
    expect(existsSync(path('a'))).toBe(false);
  });

  it('tags can be deleted where the registry allows it', async () => {
    await copy(origin, `docker://${real.host}/a:1`);
    await parseImageName(`docker://${real.host}/a:1`).remove(setting, { tlsVerify: false });
    await expect(copy(`docker://${real.host}/a:1`, `dir:${path('d')}`)).rejects.toThrow('manifest unknown');
  });
});

describe('conversions', () => {
  it('to the types of Docker and back keep the image', async () => {
    await copy(origin, `dir:${path('d')}`, { format: 'docker' });
    expect(json<Manifest>('d/manifest.json').layers[0]?.mediaType).toBe(mediaTypes.dockerLayerGzip);
    expect(await copy(`dir:${path('d')}`, `oci:${path('o')}`)).toBe(image.manifestDigest);
  });

  it('are refused when digests are to stay', async () => {
    const copied = copy(origin, `dir:${path('d')}`, { format: 'docker', preserveDigests: true });
    await expect(copied).rejects.toThrow('the digest of the manifest would change');
  });

  it('compress anew what is compressed otherwise, when a format is asked for', async () => {
    const compression = { format: 'zstd', level: 5, recompress: true } as const;
    await copy(origin, `oci:${path('o')}`, { compression });
    const { digest } = json<Index>('o/index.json').manifests[0] ?? { digest: '' };
    const { layers } = json<Manifest>(`o/blobs/sha256/${digest.slice(7)}`);
    expect(layers.map(({ mediaType }) => mediaType)).toEqual([mediaTypes.ociLayerZstd, mediaTypes.ociLayerZstd]);
    await copy(`oci:${path('o')}`, 'containers-storage:z');
    expect(setting.store.images()[0]?.id).toBe(image.configDigest.slice(7));
  });
});

describe('peers', () => {
  it("Debian's skopeo reads what was written here, and the other way round", async () => {
    const peer = (...args: string[]) => must('skopeo', ['--insecure-policy', 'copy', '-q', ...args]);
    await copy(origin, `oci-archive:${path('a.tar')}:x`);
    await peer(`oci-archive:${path('a.tar')}:x`, `docker-archive:${path('b.tar')}:tiny:x`);
    await copy(`docker-archive:${path('b.tar')}`, `docker-archive:${path('c.tar')}:tiny:y`);
    await peer(`docker-archive:${path('c.tar')}:tiny:y`, `oci:${path('o')}:x`);
    await copy(`oci:${path('o')}:x`, `dir:${path('d')}`);
    await peer(`dir:${path('d')}`, `dir:${path('e')}`);
    await copy(`dir:${path('e')}`, 'containers-storage:tiny');
    expect(setting.store.images()[0]?.id).toBe(image.configDigest.slice(7));
  });
});

describe('a copy that was killed', () => {
  it('leaves nothing that looks like an image, and the next one tidies up', async () => {
    await copy(origin, `oci:${path('o')}:before`);
    const before = readFileSync(path('o/index.json'), 'utf8');
    const src = resolve(import.meta.dirname, '../../bin/tspod');
    const big = tinyImage(1, 3_000_000);
    setting.registry.lie = ({ url }, response) => {
      if (!url?.endsWith(`/blobs/${big.layers[0]?.digest}`)) return false;
      response.writeHead(200, { 'content-length': big.layers[0]?.blob.length });
      response.write(big.layers[0]?.blob.subarray(0, 100_000));
      return true;
    };
    putImage(setting.registry, big, 'big');
    const child = spawn(src, [
      'image',
      'copy',
      '--src-tls-verify=false',
      `docker://${setting.registry.host}/library/tiny:big`,
      `oci:${path('o')}:big`,
    ]);
    const ended = once(child, 'exit');
    await untilTrue(
      () => list('o').some((name) => name.endsWith('.part')) || list('o/blobs').some((name) => name.endsWith('.part')),
    );
    child.kill('SIGKILL');
    await ended;
    expect(readFileSync(path('o/index.json'), 'utf8')).toBe(before);
    setting.registry.lie = () => false;
    await copy(origin, `oci:${path('o')}:after`);
    expect([...list('o'), ...list('o/blobs')]).toEqual(['blobs', 'index.json', 'oci-layout', 'sha256']);
  });
});

async function untilTrue(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600 && !condition(); tries += 1) await new Promise((done) => setTimeout(done, 50));
  if (!condition()) throw new Error('it never became true');
}

describe('names', () => {
  it.each([
    ['nonsense', 'expected colon-separated transport:reference'],
    ['foo:bar', 'unknown transport "foo"'],
    ['docker-daemon:x', 'transport "docker-daemon" is not supported'],
    ['docker:x', 'image reference x does not start with //'],
    [`docker://x:1@sha256:${'0'.repeat(64)}`, 'choose either the tag or the digest'],
    ['oci:', 'no path'],
    ['oci:a:../b c', 'invalid image'],
    ['docker-archive:a:b@sha256:1', 'parsing reference'],
    ['containers-storage:', 'no image named'],
  ])('%s is refused', (name, reason) => {
    expect(() => parseImageName(name)).toThrow(reason);
  });

  it('a folder with anything but an image is left alone', async () => {
    writeFileSync(path('precious'), 'x');
    await expect(copy(origin, `dir:${setting.files.dir}`)).rejects.toThrow("don't want to overwrite important data");
    expect(readFileSync(path('precious'), 'utf8')).toBe('x');
  });
});
