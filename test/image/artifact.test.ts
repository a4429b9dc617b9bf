import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { addArtifact } from '../../src/image/artifact/add.ts';
import { extractArtifact } from '../../src/image/artifact/extract.ts';
import { findArtifact, listArtifacts, removeArtifacts } from '../../src/image/artifact/list.ts';
import { withArtifacts } from '../../src/image/artifact/store.ts';
import { pullArtifact, pushArtifact } from '../../src/image/artifact/transfer.ts';
import type { Descriptor } from '../../src/oci/image-spec.ts';
import { must } from '../helpers/exec.ts';
import { type Registry, startRegistry } from '../helpers/registry.ts';
import { sha256 } from '../registry/lying-registry.ts';
import { newSetting, type Setting } from './setting.ts';

let setting: Setting;
let real: Registry;

const insecure = { tlsVerify: false, retryDelay: 1 };
const name = 'localhost/test/a:1';

beforeEach(async () => {
  setting = await newSetting();
  real = await startRegistry();
});

afterEach(async () => {
  await real.stop();
  await setting.close();
});

function file(title: string, content: string | Buffer): string {
  const path = `${setting.files.dir}/${title}`;
  writeFileSync(path, content);
  return path;
}

const blobs = () => readdirSync(`${setting.files.root}/artifacts/blobs/sha256`).sort();

it('files become layers with their names and types', async () => {
  const digest = await addArtifact(setting, name, [file('a.txt', 'hello\n'), file('b.bin', Buffer.from([0, 1]))]);
  const { manifest } = await findArtifact(setting, name);
  expect(manifest).toMatchObject({
    config: { mediaType: 'application/vnd.oci.empty.v1+json' },
    layers: [
      { mediaType: 'text/plain; charset=utf-8', size: 6, annotations: { 'org.opencontainers.image.title': 'a.txt' } },
      { mediaType: 'application/octet-stream', size: 2, annotations: { 'org.opencontainers.image.title': 'b.bin' } },
    ],
  });
  expect((await listArtifacts(setting)).map((artifact) => artifact.name)).toEqual([name]);
  expect((await findArtifact(setting, digest.slice(7, 19))).name).toBe(name);
});

it('a name is taken until it is appended to or replaced', async () => {
  await addArtifact(setting, name, [file('a.txt', 'a')], { annotations: { k: 'v' } });
  await expect(addArtifact(setting, name, [file('b.txt', 'b')])).rejects.toThrow(`${name}: artifact already exists`);
  await addArtifact(setting, name, [file('b.txt', 'b')], { append: true });
  expect((await findArtifact(setting, name)).manifest.layers.length).toBe(2);
  const again = addArtifact(setting, name, [file('b.txt', 'b')], { append: true });
  await expect(again).rejects.toThrow('b.txt: file already exists in artifact');
  await addArtifact(setting, name, [file('c.txt', 'c')], { replace: true });
  expect((await findArtifact(setting, name)).manifest.layers.length).toBe(1);
  expect((await listArtifacts(setting)).length).toBe(1);
});

it('what is removed leaves no blob, and what others use stays', async () => {
  const same = file('same.txt', 'same');
  await addArtifact(setting, 'localhost/one:1', [same, file('a.txt', 'a')]);
  await addArtifact(setting, 'localhost/two:1', [same]);
  await removeArtifacts(setting, ['localhost/one:1']);
  await extractArtifact(setting, 'localhost/two:1', `${setting.files.dir}/out`);
  expect(readFileSync(`${setting.files.dir}/out`, 'utf8')).toBe('same');
  await removeArtifacts(setting, null);
  expect(blobs()).toEqual([]);
  await expect(removeArtifacts(setting, ['nosuch'])).rejects.toThrow('nosuch: artifact does not exist');
  expect(await removeArtifacts(setting, ['nosuch'], true)).toEqual([]);
});

it('files come out by title, by digest, or all into a folder', async () => {
  await addArtifact(setting, name, [file('a.txt', 'hello\n'), file('b.txt', 'world\n')]);
  const out = `${setting.files.dir}/out`;
  await expect(extractArtifact(setting, name, out)).rejects.toThrow('the artifact consists of several blobs');
  await extractArtifact(setting, name, out, { title: 'b.txt' });
  expect(readFileSync(out, 'utf8')).toBe('world\n');
  await extractArtifact(setting, name, out, { digest: sha256(Buffer.from('hello\n')) });
  expect(readFileSync(out, 'utf8')).toBe('hello\n');
  mkdirSync(`${out}.d`);
  await extractArtifact(setting, name, `${out}.d`);
  expect(readdirSync(`${out}.d`).sort()).toEqual(['a.txt', 'b.txt']);
  await expect(extractArtifact(setting, name, out, { title: 'z' })).rejects.toThrow('no blob with the title "z"');
});

it('pushed and pulled, it is the same', async () => {
  const remote = `${real.host}/a/artifact:1`;
  const digest = await addArtifact(setting, remote, [file('a.txt', 'hello\n')], { type: 'application/x-test' });
  expect(await pushArtifact(setting, remote, insecure)).toBe(digest);
  await removeArtifacts(setting, null);
  expect(await pullArtifact(setting, remote, insecure)).toBe(digest);
  expect((await findArtifact(setting, remote)).manifest.artifactType).toBe('application/x-test');
  const copied = `dir:${setting.files.dir}/copied`;
  await must('skopeo', ['copy', '--src-tls-verify=false', `docker://${remote}`, copied]);
});

it('a title cannot lead out of the folder', async () => {
  await addArtifact(setting, name, [file('a.txt', 'hello\n')]);
  await withArtifacts(setting, 'exclusive', (artifacts) => {
    const { manifest } = artifacts.require(name);
    const [layer] = manifest.layers as [Descriptor];
    layer.annotations = { 'org.opencontainers.image.title': '../canary' };
    artifacts.put(name, Buffer.from(JSON.stringify(manifest)));
  });
  mkdirSync(`${setting.files.dir}/out`);
  await expect(extractArtifact(setting, name, `${setting.files.dir}/out`)).rejects.toThrow('cannot contain "/"');
  expect(readdirSync(setting.files.dir)).not.toContain('canary');
});

it('a blob that is not what its digest says is not kept', async () => {
  const remote = `${setting.registry.host}/a/artifact:1`;
  const good = Buffer.from('hello');
  const config = Buffer.from('{}');
  const entry = (bytes: Buffer) => ({ mediaType: 'text/plain', digest: sha256(bytes), size: bytes.length });
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, config: entry(config), layers: [entry(good)] }));
  setting.registry.put('/v2/a/artifact/manifests/1', bytes, 'application/vnd.oci.image.manifest.v1+json');
  setting.registry.put(`/v2/a/artifact/blobs/${sha256(config)}`, config);
  setting.registry.put(`/v2/a/artifact/blobs/${sha256(good)}`, Buffer.from('jello'));
  await expect(pullArtifact(setting, remote, insecure)).rejects.toThrow('Digest did not match');
  expect(await listArtifacts(setting)).toEqual([]);
  expect(blobs()).toEqual([]);
});
