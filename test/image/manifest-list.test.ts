import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { importTarball } from '../../src/image/import.ts';
import { listImages } from '../../src/image/list.ts';
import { requireImage, resolveImage } from '../../src/image/lookup.ts';
import { addArtifact } from '../../src/image/manifest-list/add-artifact.ts';
import { addImage } from '../../src/image/manifest-list/add-instances.ts';
import { annotateMember, findMember, removeMember } from '../../src/image/manifest-list/annotate.ts';
import { inspectList } from '../../src/image/manifest-list/inspect.ts';
import { createList, requireList, updateList } from '../../src/image/manifest-list/list.ts';
import { pushList } from '../../src/image/manifest-list/push.ts';
import { removeImages } from '../../src/image/remove.ts';
import { tagImage } from '../../src/image/tag.ts';
import type { Index, Manifest } from '../../src/oci/image-spec.ts';
import { mediaTypes } from '../../src/oci/media-types.ts';
import { hostPlatform } from '../../src/registry/platform.ts';
import { exec, must } from '../helpers/exec.ts';
import { type Registry, startRegistry } from '../helpers/registry.ts';
import { newSetting, type Setting } from './setting.ts';

let setting: Setting;
let real: Registry;
let list: string;

const insecure = { tlsVerify: false, retryDelay: 1, retry: 0 };
const other = hostPlatform().architecture === 'amd64' ? 'arm64' : 'amd64';

beforeEach(async () => {
  setting = await newSetting();
  real = await startRegistry();
  list = await createList(setting, 'list:1');
});

afterEach(async () => {
  await real.stop();
  await setting.close();
});

async function importFor(arch: string): Promise<string> {
  const { dir } = setting.files;
  writeFileSync(`${dir}/file`, arch);
  await must('tar', ['-C', dir, '-cf', `${dir}/file.tar`, 'file']);
  return importTarball(setting, `${dir}/file.tar`, { reference: `localhost/${arch}:1`, arch });
}

/** A list of two platforms, both in the store. */
async function filledList(): Promise<void> {
  for (const arch of [hostPlatform().architecture, other]) {
    await importFor(arch);
    await updateList(setting, list, async (data) => {
      await addImage(setting, data, `containers-storage:localhost/${arch}:1`);
    });
  }
}

async function pushed(tag: string): Promise<Index> {
  const accept = [mediaTypes.ociIndex, mediaTypes.dockerList].join(', ');
  const response = await fetch(`${real.url}/v2/a/list/manifests/${tag}`, { headers: { accept } });
  expect(response.status).toBe(200);
  return (await response.json()) as Index;
}

it('a new list is empty, has a name, and is listed; its name is then taken', async () => {
  expect(await inspectList(setting, 'list:1', insecure)).toEqual({
    schemaVersion: 2,
    mediaType: mediaTypes.dockerList,
    manifests: [],
  });
  const [summary] = await listImages(setting, { untilTime: () => 0 });
  expect(summary?.names).toEqual(['localhost/list:1']);
  await expect(createList(setting, 'list:1')).rejects.toThrow('that name is already in use');
  expect(await createList(setting, 'list:1', true)).toBe(list);
});

it('a list stands for the image of it that fits this machine', async () => {
  expect(() => requireImage(setting, 'list:1')).toThrow('no image of manifest list');
  await filledList();
  expect(resolveImage(setting, 'list:1')?.config.architecture).toBe(hostPlatform().architecture);
});

it('an image is no list', async () => {
  await importFor('amd64');
  expect(() => requireList(setting, 'amd64:1')).toThrow('localhost/amd64:1: image is not a manifest list');
});

it('pushed with its images, it is pulled for this machine and for another', async () => {
  await filledList();
  await pushList(setting, 'list:1', `${real.host}/a/list:1`, insecure);
  await removeImages(setting, ['list:1', 'amd64:1', 'arm64:1']);
  expect(setting.store.images()).toEqual([]);
  const name = `${real.host}/a/list:1`;
  expect((await setting.pull(name)).config.architecture).toBe(hostPlatform().architecture);
  const foreign = await setting.pull(name, { platform: { os: 'linux', architecture: other } });
  expect(foreign.config.architecture).toBe(other);
});

it('images are pushed once more with another compression, and marked', async () => {
  await filledList();
  const encoding = { compression: 'gzip' } as const;
  await pushList(setting, 'list:1', `${real.host}/a/list:1`, { ...insecure, encoding, addCompression: ['zstd'] });
  const { manifests } = await pushed('1');
  const marks = manifests.map(({ annotations }) => annotations?.['io.github.containers.compression.zstd']);
  expect(marks).toEqual([undefined, undefined, 'true', 'true']);
  const platforms = manifests.map(({ platform }) => platform?.architecture);
  expect(platforms).toEqual([hostPlatform().architecture, other, hostPlatform().architecture, other]);
});

it('members are annotated by digest, and taken out', async () => {
  await filledList();
  const [first] = requireList(setting, list).index.manifests;
  const digest = first?.digest ?? 'sha256:';
  await updateList(setting, list, (data) =>
    annotateMember(data, digest, { annotations: { a: 'b' }, variant: 'v8', osFeatures: ['x'] }),
  );
  expect(requireList(setting, list).index.manifests[0]).toMatchObject({
    annotations: { a: 'b' },
    platform: { os: 'linux', variant: 'v8', 'os.features': ['x'] },
  });
  await updateList(setting, list, (data) => removeMember(data, digest));
  expect(requireList(setting, list).index.manifests.length).toBe(1);
  await expect(updateList(setting, list, (data) => removeMember(data, digest))).rejects.toThrow(
    `no instance matching digest "${digest}" found in manifest list: file does not exist`,
  );
});

it('a file becomes a member: described, found by its name, pushed', async () => {
  const file = `${setting.files.dir}/listed.txt`;
  writeFileSync(file, 'oh yeah\n');
  await updateList(setting, list, async (data) => {
    await addArtifact(data, [file], {});
  });
  const data = requireList(setting, list);
  const digest = await findMember(setting, data, 'listed.txt');
  expect(await inspectList(setting, 'list:1', insecure)).toMatchObject({ manifests: [{ digest, files: [file] }] });
  await pushList(setting, 'list:1', `${real.host}/a/list:2`, insecure);
  const response = await fetch(`${real.url}/v2/a/list/manifests/${digest}`, {
    headers: { accept: mediaTypes.ociManifest },
  });
  const manifest = (await response.json()) as Manifest;
  expect(manifest).toMatchObject({
    artifactType: 'application/vnd.unknown.artifact.v1',
    config: { mediaType: mediaTypes.ociEmpty },
    layers: [{ mediaType: 'text/plain', annotations: { 'org.opencontainers.image.title': 'listed.txt' } }],
  });
  const blob = await fetch(`${real.url}/v2/a/list/blobs/${manifest.layers[0]?.digest}`);
  expect(await blob.text()).toBe('oh yeah\n');
});

it('an image of a registry is a member without being pulled', async () => {
  await filledList();
  await pushList(setting, 'list:1', `${real.host}/a/list:1`, insecure);
  const second = await createList(setting, 'second:1');
  await updateList(setting, second, async (data) => {
    await addImage(setting, data, `docker://${real.host}/a/list:1`, { ...insecure, all: true });
  });
  await removeImages(setting, ['list:1', 'amd64:1', 'arm64:1']);
  await pushList(setting, second, `${real.host}/b/copy:1`, insecure);
  const copied = await setting.pull(`${real.host}/b/copy:1`);
  expect(copied.config.architecture).toBe(hostPlatform().architecture);
});

it('two that add at the same time both succeed', async () => {
  await importFor('amd64');
  await importFor('arm64');
  const add = (arch: string) =>
    updateList(setting, list, async (data) => {
      await addImage(setting, data, `containers-storage:localhost/${arch}:1`);
    });
  await Promise.all([add('amd64'), add('arm64')]);
  expect(requireList(setting, list).index.manifests.length).toBe(2);
});

it('Podman reads and removes the list, and tspod reads one that Podman made', async () => {
  await filledList();
  const { podman } = setting.files;
  const shown = await podman('manifest', 'inspect', 'localhost/list:1');
  expect(JSON.parse(shown.stdout)).toMatchObject({ manifests: [{}, { platform: { architecture: other } }] });
  await podman('manifest', 'create', 'theirs:1');
  await podman('manifest', 'add', 'theirs:1', 'containers-storage:localhost/amd64:1');
  const theirs = setting.files.open();
  expect(requireList({ store: theirs }, 'theirs:1').index.manifests.length).toBe(1);
  tagImage(setting, 'list:1', ['renamed:1']);
  expect((await podman('manifest', 'rm', 'localhost/list:1')).exitCode).toBe(0);
});

it('skopeo sees the pushed list', async () => {
  await filledList();
  const digest = await pushList(setting, 'list:1', `${real.host}/a/list:1`, insecure);
  const raw = await exec('skopeo', ['inspect', '--tls-verify=false', '--raw', `docker://${real.host}/a/list:1`]);
  expect((JSON.parse(raw.stdout) as Index).manifests.length).toBe(2);
  expect(digest).toMatch(/^sha256:/);
});
