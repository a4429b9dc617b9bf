import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { importTarball } from '../../src/image/import.ts';
import { inspectImage } from '../../src/image/inspect.ts';
import { loadArchive } from '../../src/image/load.ts';
import { removeRecords } from '../../src/image/remove.ts';
import { imageParts } from '../../src/image/save/image-parts.ts';
import { TarWriter } from '../../src/image/save/tar-writer.ts';
import { type SaveFormat, saveImages } from '../../src/image/save.ts';
import { tagImage } from '../../src/image/tag.ts';
import { exec } from '../helpers/exec.ts';
import { putImage, type TinyImage, tinyImage } from '../registry/lying-registry.ts';
import { newSetting, type Setting } from './setting.ts';

let setting: Setting;
let image: TinyImage;
let name: string;

beforeEach(async () => {
  setting = await newSetting();
  image = tinyImage(3, 5000);
  putImage(setting.registry, image);
  name = `${setting.registry.host}/library/tiny:latest`;
  await setting.pull(name);
});

afterEach(() => setting.close());

const path = (file: string) => join(setting.files.dir, file);
const id = () => image.configDigest.slice(7);
const clear = () => removeRecords(setting, setting.store.images());

it('layers come back byte for byte', async () => {
  const { record } = { record: setting.store.images()[0]! };
  for (const [index, layer] of imageParts(setting.store, record).layers.entries()) {
    const hash = createHash('sha256');
    for await (const chunk of layer.tar()) hash.update(chunk);
    expect(`sha256:${hash.digest('hex')}`).toBe(image.layers[index]!.diffId);
  }
});

it('a layer whose files were changed is not saved', async () => {
  const record = setting.store.images()[0]!;
  writeFileSync(`${setting.store.layerFolder(record.layer!)}/diff/file-2`, 'LAYER 2\n');
  await expect(saveImages(setting, [name], { format: 'docker-archive', output: path('a.tar') })).rejects.toThrow(
    'file integrity checksum failed',
  );
  expect((await exec('test', ['-e', path('a.tar')])).exitCode).toBe(1);
});

describe('what is saved can be loaded', () => {
  it.each(['docker-archive', 'oci-archive'] as SaveFormat[])('as %s with its name', async (format) => {
    await saveImages(setting, [name], { format, output: path('a') });
    await clear();
    expect(await loadArchive(setting, path('a'))).toEqual([{ id: id(), names: [name] }]);
    expect(setting.leftovers()).toEqual({ images: 1, layers: 3, folders: [] });
  });

  it.each(['oci-dir', 'docker-dir'] as SaveFormat[])('as %s', async (format) => {
    await saveImages(setting, [name], { format, output: path('a') });
    await clear();
    expect(await loadArchive(setting, path('a'))).toEqual([{ id: id(), names: [`sha256:${id()}`] }]);
  });

  it('by id without a name', async () => {
    await saveImages(setting, [id()], { format: 'docker-archive', output: path('a') });
    await clear();
    expect(await loadArchive(setting, path('a'))).toEqual([{ id: id(), names: [`sha256:${id()}`] }]);
    expect(setting.store.images()[0]?.names).toEqual([]);
  });

  it('several images with all their names in one archive', async () => {
    const other = tinyImage(1);
    putImage(setting.registry, other, 'other');
    const otherName = `${setting.registry.host}/library/tiny:other`;
    await setting.pull(otherName);
    tagImage(setting, name, ['one']);
    await saveImages(setting, [name, otherName, 'one'], { format: 'docker-archive', output: path('a') });
    await clear();
    const loaded = await loadArchive(setting, path('a'));
    expect(loaded.map(({ names }) => names)).toEqual([[name, 'localhost/one:latest'], [otherName]]);
  });

  it.each([
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('compressed as a whole with %s', async (_name, compress) => {
    await saveImages(setting, [name], { format: 'docker-archive', output: path('a') });
    writeFileSync(path('b'), compress(readFileSync(path('a'))));
    await clear();
    expect((await loadArchive(setting, path('b')))[0]?.id).toBe(id());
  });

  it('by skopeo too', async () => {
    await saveImages(setting, [name], { format: 'docker-archive', output: path('a') });
    await saveImages(setting, [name], { format: 'oci-archive', output: path('o') });
    for (const source of [`docker-archive:${path('a')}`, `oci-archive:${path('o')}`]) {
      const { stdout, exitCode } = await exec('skopeo', ['inspect', '--config', '--raw', source]);
      expect({ exitCode, config: JSON.parse(stdout).config }).toEqual({ exitCode: 0, config: { Cmd: ['true'] } });
    }
  });
});

describe('what is no archive is refused', () => {
  const words = 'payload does not match any of the supported image formats:';

  it.each([
    ['text', 'I am no archive'],
    ['nothing', ''],
    ['zeros', '\0'.repeat(2048)],
    ['a tar cut off in a file', `${'x'.repeat(600)}`],
  ])('%s', async (_title, content) => {
    await clear();
    writeFileSync(path('a'), content);
    await expect(loadArchive(setting, path('a'))).rejects.toThrow(words);
    expect(setting.leftovers()).toEqual({ images: 0, layers: 0, folders: [] });
  });

  it('a folder without an index', async () => {
    mkdirSync(path('empty'));
    await expect(loadArchive(setting, path('empty'))).rejects.toThrow(words);
  });

  it('a file that is missing', async () => {
    await expect(loadArchive(setting, path('nosuch'))).rejects.toThrow(`faccessat ${path('nosuch')}: no such file`);
  });

  it('broken compression', async () => {
    writeFileSync(path('a'), gzipSync(Buffer.alloc(100_000, 'x')).subarray(0, 60));
    await expect(loadArchive(setting, path('a'))).rejects.toThrow('reading the archive');
  });

  it('an archive that links out of itself', async () => {
    await clear();
    const pieces: Uint8Array[] = [];
    const tar = new TarWriter((bytes) => pieces.push(bytes));
    tar.file('manifest.json', Buffer.from('[{"Config":"../../etc/passwd","Layers":[]}]'));
    tar.end();
    writeFileSync(path('a'), Buffer.concat(pieces));
    await expect(loadArchive(setting, path('a'))).rejects.toThrow('"../../etc/passwd" is missing in the archive');
  });
});

describe('a tarball is imported', () => {
  const tarball = () => {
    const pieces: Uint8Array[] = [];
    const tar = new TarWriter((bytes) => pieces.push(bytes));
    tar.file('hello', Buffer.from('hello\n'));
    tar.end();
    return Buffer.concat(pieces);
  };

  it.each([
    ['plain', (bytes: Buffer) => bytes],
    ['gzip', gzipSync],
    ['zstd', zstdCompressSync],
  ])('%s, with changes', async (_name, compress) => {
    writeFileSync(path('t'), compress(tarball()));
    const changes = ['CMD=/bin/sh', 'ENV A=b', 'LABEL k=v', 'EXPOSE 80', 'WORKDIR /a', 'WORKDIR b', 'VOLUME ["/x"]'];
    const imported = await importTarball(setting, path('t'), { changes, reference: 'imp', message: 'why' });
    expect(inspectImage(setting, 'imp')).toMatchObject({
      Id: imported,
      RepoTags: ['localhost/imp:latest'],
      Comment: 'why',
      Config: {
        Cmd: ['/bin/sh', '-c', '/bin/sh'],
        Env: ['A=b'],
        Labels: { k: 'v' },
        ExposedPorts: { '80/tcp': {} },
        WorkingDir: '/a/b',
        Volumes: { '/x': {} },
      },
    });
  });

  it('not with an unknown instruction', async () => {
    writeFileSync(path('t'), tarball());
    await expect(importTarball(setting, path('t'), { changes: ['BOGUS x'] })).rejects.toThrow(
      'invalid change "BOGUS x" - invalid instruction BOGUS',
    );
  });
});
