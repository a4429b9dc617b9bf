import { readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadArchive } from '../../src/image/load.ts';
import { loadUrl } from '../../src/image/load-url.ts';
import { removeRecords } from '../../src/image/remove.ts';
import { saveImages } from '../../src/image/save.ts';
import { must } from '../helpers/exec.ts';
import { putImage, type TinyImage, tinyImage } from '../registry/lying-registry.ts';
import { newSetting, type Setting } from './setting.ts';

let setting: Setting;
let image: TinyImage;
const path = (name: string) => join(setting.files.dir, name);

beforeEach(async () => {
  setting = await newSetting();
  image = tinyImage(2, 300_000);
  putImage(setting.registry, image);
  const name = `${setting.registry.host}/library/tiny:latest`;
  await setting.pull(name);
  await saveImages(setting, [name], { format: 'docker-archive', output: path('a.tar') });
  await removeRecords(setting, setting.store.images());
});

afterEach(() => setting.close());

const programs = { gz: 'gzip', zst: 'zstd -q', bz2: 'bzip2', xz: 'xz -0' };

it.each(Object.entries(programs))('an archive compressed as .%s is loaded', async (suffix, program) => {
  await must('bash', ['-c', `${program} -c "$1" >"$1.$2"`, 'bash', path('a.tar'), suffix]);
  const [loaded] = await loadArchive(setting, path(`a.tar.${suffix}`));
  expect(loaded?.id).toBe(image.configDigest.slice(7));
});

it.each(Object.entries(programs))('a broken .%s is refused, and nothing of it stays', async (suffix, program) => {
  await must('bash', ['-c', `${program} -c "$1" >"$1.$2"`, 'bash', path('a.tar'), suffix]);
  const bytes = readFileSync(path(`a.tar.${suffix}`));
  writeFileSync(path('cut'), bytes.subarray(0, bytes.length / 2));
  await expect(loadArchive(setting, path('cut'))).rejects.toMatchObject({ code: 'CORRUPT_BLOB' });
  expect(setting.leftovers()).toEqual({ images: 0, layers: 0, folders: [] });
});

it('a program that is not there is named', async () => {
  await must('xz', ['-0k', path('a.tar')]);
  const { PATH } = process.env;
  process.env['PATH'] = '/nonexistent';
  try {
    await expect(loadArchive(setting, path('a.tar.xz'))).rejects.toMatchObject({
      code: 'MISSING_PROGRAM',
      hint: 'install the package xz-utils',
    });
  } finally {
    process.env['PATH'] = PATH;
  }
});

it('a URL whose server ends its answer by closing the connection is loaded', async () => {
  const server = createServer((socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.0 200 OK\r\n\r\n');
      socket.end(readFileSync(path('a.tar')));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    const [loaded] = await loadUrl(setting, `http://127.0.0.1:${port}/a.tar`, {});
    expect(loaded?.id).toBe(image.configDigest.slice(7));
  } finally {
    server.close();
  }
});
