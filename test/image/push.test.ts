import { afterEach, beforeEach, expect, it } from 'vitest';
import { login } from '../../src/image/login.ts';
import { pushImage } from '../../src/image/push.ts';
import { removeRecords } from '../../src/image/remove.ts';
import { searchImages, searchTags } from '../../src/image/search.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { type Registry, startRegistry } from '../helpers/registry.ts';
import { putImage, type TinyImage, tinyImage } from '../registry/lying-registry.ts';
import { newSetting, type Setting } from './setting.ts';

let setting: Setting;
let real: Registry;
let image: TinyImage;

beforeEach(async () => {
  setting = await newSetting();
  real = await startRegistry();
  image = tinyImage(2, 5000);
  putImage(setting.registry, image);
  await setting.pull(`${setting.registry.host}/library/tiny:latest`);
});

afterEach(async () => {
  await real.stop();
  await setting.close();
});

const insecure = { tlsVerify: false, retryDelay: 1 };

it('what is pushed to a real registry comes back as the same image', async () => {
  await pushImage(setting, 'library/tiny', `${real.host}/a/b:1`, insecure);
  await removeRecords(setting, setting.store.images());
  const { record } = await setting.pull(`${real.host}/a/b:1`);
  expect(record.id).toBe(image.configDigest.slice(7));
});

it('as Docker image when asked for', async () => {
  const digest = await pushImage(setting, 'library/tiny', `${real.host}/a/b:2`, { ...insecure, format: 'v2s2' });
  const response = await fetch(`${real.url}/v2/a/b/manifests/${digest}`, {
    headers: { accept: mediaTypes.dockerManifest },
  });
  expect(await response.json()).toMatchObject({ mediaType: mediaTypes.dockerManifest });
});

it('blobs that the registry has are not sent again', async () => {
  setting.registry.requests.length = 0;
  setting.registry.lie = (request, response) => {
    if (request.method === 'PUT') return Boolean(response.writeHead(201).end());
    return request.method === 'HEAD' && Boolean(response.writeHead(200).end());
  };
  await pushImage(setting, 'library/tiny', `${setting.registry.host}/library/tiny:copy`, insecure);
  const methods = setting.registry.requests.map((request) => request.split(' ')[0]);
  expect(methods.sort()).toEqual(['HEAD', 'HEAD', 'HEAD', 'PUT']);
});

it('a refusal says what Podman says', async () => {
  setting.registry.lie = (_request, response) =>
    Boolean(response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end());
  await expect(pushImage(setting, 'library/tiny', `${setting.registry.host}/bad:1`, insecure)).rejects.toThrow(
    /: checking whether a blob sha256:\w+ exists in [\d.:]+\/bad: authentication required$/,
  );
});

it('pushed repositories and tags are found', async () => {
  for (const tag of ['1', '2']) await pushImage(setting, 'library/tiny', `${real.host}/a/b:${tag}`, insecure);
  expect((await searchImages(setting, `${real.host}/a`, insecure)).map(({ Name }) => Name)).toEqual([
    `${real.host}/a/b`,
  ]);
  const tags = await searchTags(setting, `${real.host}/a/b`, insecure);
  expect(tags.map(({ Tag }) => Tag).sort()).toEqual(['1', '2']);
});

it('login stores what the registry takes, and only that', async () => {
  const basic = `Basic ${Buffer.from('ann:right').toString('base64')}`;
  setting.registry.lie = (request, response) =>
    request.headers.authorization !== basic &&
    Boolean(response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end());
  const { host } = setting.registry;
  const options = { ...insecure, authFile: `${setting.files.dir}/auth.json` };
  await expect(login(setting, host, { username: 'ann', password: 'wrong' }, options)).rejects.toThrow(
    `logging into "${host}": invalid username/password`,
  );
  await expect(setting.pull(`${host}/library/tiny`)).rejects.toThrow('unauthorized');
  await login(setting, host, { username: 'ann', password: 'right' }, options);
  expect((await setting.pull(`${host}/library/tiny`)).record.id).toBe(image.configDigest.slice(7));
});
