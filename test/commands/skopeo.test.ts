import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, inject, it } from 'vitest';
import { exec } from '../helpers/exec.ts';
import { type Registry, startRegistry } from '../helpers/registry.ts';
import { binary } from '../helpers/tspod.ts';
import { gpgHome } from '../image/signature-setting.ts';

let dir: string;
let work: string;
let real: Registry;
let count = 0;
let gnupg: Record<string, string> = {};

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tspod-skopeo-'));
  symlinkSync(binary, join(dir, 'skopeo'));
  const storage = `[storage]\ndriver = "overlay"\ngraphroot = "${dir}/root"\nrunroot = "${dir}/run"\n`;
  writeFileSync(join(dir, 'storage.conf'), storage);
  writeFileSync(join(dir, 'registries.conf'), '');
  writeFileSync(join(dir, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}');
  real = await startRegistry();
});

afterAll(async () => {
  await real.stop();
  rmSync(dir, { recursive: true });
});

beforeEach(() => {
  work = join(dir, `work-${count++}`);
  mkdirSync(work);
});

function skopeo(...args: string[]) {
  const env = {
    ...gnupg,
    CONTAINERS_STORAGE_CONF: join(dir, 'storage.conf'),
    CONTAINERS_REGISTRIES_CONF: join(dir, 'registries.conf'),
    CONTAINERS_POLICY_JSON: join(dir, 'policy.json'),
    REGISTRY_AUTH_FILE: join(dir, 'auth.json'),
  };
  return exec(join(dir, 'skopeo'), args, { env, cwd: work });
}

const busybox = () => `docker://${inject('registry')}/library/busybox:latest`;
const insecure = ['--src-tls-verify=false', '--dest-tls-verify=false'];

it('says what it is, and helps', async () => {
  expect((await skopeo('--version')).stdout).toMatch(/^skopeo version [\d.]+ /);
  expect((await skopeo('--help')).stdout).toContain('  list-tags ');
  expect((await skopeo('copy', '--help')).stdout).toContain('--dest-compress-format FORMAT');
});

it.each([
  [[], 1, "Missing command 'skopeo COMMAND'"],
  [['foo'], 1, 'Unrecognized command `skopeo foo`'],
  [['coppy', 'a'], 1, 'Did you mean this?\\n\\tcopy'],
  [['layers', 'x'], 1, '`skopeo layers` is not supported by tspod: use copy to a dir'],
  [['copy', '--foo'], 1, 'unknown flag: --foo'],
  [['copy', 'dir:a'], 1, 'Exactly two arguments expected'],
  [['copy', 'foo:a', 'dir:b'], 1, 'unknown transport \\"foo\\"'],
  [['copy', '--format', 'v2s1', 'dir:a', 'dir:b'], 1, 'schema 1'],
  [['copy', '--all', '--multi-arch', 'all', 'dir:a', 'dir:b'], 1, '--all and --multi-arch'],
  [['copy', '--encryption-key', 'x', 'dir:a', 'dir:b'], 1, '--encryption-key: encrypted images are not supported'],
  [['inspect', '--creds', 'a:b', '--no-creds', 'docker://x'], 1, 'creds and no-creds'],
  [['inspect', '--username', 'a', 'docker://x'], 1, 'password must be specified'],
  [['inspect', 'containers-storage:nope'], 2, 'does not resolve to an image ID'],
  [['inspect', 'dir:nope'], 1, 'nope/manifest.json: no such file or directory'],
  [['delete', 'dir:nope'], 1, 'not implemented'],
  [['list-tags', 'oci:x'], 1, "unsupported transport 'oci'"],
  [['list-tags', 'docker://x:1'], 1, 'no tag or digest allowed'],
  [['sync', 'a', 'b'], 1, 'a source transport must be specified'],
  [['--override-arch', 'sparc', 'sync', '--src', 'dir', '--dest', 'dir', 'a', 'b'], 1, 'rsync'],
])('%j ends with %i', async (args, exitCode, words) => {
  const result = await skopeo(...args);
  expect(result.stderr).toMatch(/time="[\d:TZ-]+" level=fatal msg="/);
  expect(result.stderr).toContain(words);
  expect(result.exitCode).toBe(exitCode);
});

it('copies, inspects, lists and deletes', async () => {
  const target = `docker://${real.host}/a/b`;
  const copied = await skopeo('copy', ...insecure, '--digestfile', 'digest', busybox(), `${target}:1`);
  expect(copied).toMatchObject({ exitCode: 0, stderr: '' });
  expect(copied.stdout).toMatch(
    /^Getting image source signatures\nCopying blob .*\nWriting manifest to image destination\n$/s,
  );
  const digest = readFileSync(join(work, 'digest'), 'utf8');
  const inspected = JSON.parse((await skopeo('inspect', '--tls-verify=false', `${target}:1`)).stdout);
  expect(inspected).toMatchObject({ Name: `${real.host}/a/b`, Digest: digest, RepoTags: ['1'], Os: 'linux' });
  const template = await skopeo('inspect', '--tls-verify=false', '-n', '--format', '{{.Digest}}', `${target}:1`);
  expect(template.stdout).toBe(`${digest}\n`);
  const raw = await skopeo('inspect', '--tls-verify=false', '--raw', `${target}:1`);
  writeFileSync(join(work, 'manifest'), raw.stdout);
  expect((await skopeo('manifest-digest', 'manifest')).stdout).toBe(`${digest}\n`);
  const config = await skopeo('inspect', '--tls-verify=false', '--config', `${target}:1`);
  expect(JSON.parse(config.stdout)).toMatchObject({ os: 'linux', config: { Cmd: ['sh'] } });
  expect(JSON.parse((await skopeo('list-tags', '--tls-verify=false', target)).stdout)).toEqual({
    Repository: `${real.host}/a/b`,
    Tags: ['1'],
  });
  expect((await skopeo('delete', '--tls-verify=false', `${target}:1`)).exitCode).toBe(0);
  const gone = await skopeo('inspect', '--tls-verify=false', `${target}:1`);
  expect(gone).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('manifest unknown') });
});

it('copies into the store that storage.conf names, and out of it', async () => {
  expect((await skopeo('copy', '-q', ...insecure, busybox(), 'containers-storage:localhost/bb:1')).stderr).toBe('');
  expect((await skopeo('copy', '-q', 'containers-storage:localhost/bb:1', 'docker-archive:bb.tar:bb:2')).stderr).toBe(
    '',
  );
  expect(JSON.parse((await skopeo('list-tags', 'docker-archive:bb.tar')).stdout)).toEqual({
    Tags: ['docker.io/library/bb:2'],
  });
  expect((await skopeo('delete', 'containers-storage:localhost/bb:1')).exitCode).toBe(0);
});

it('obeys the policy that is named', async () => {
  writeFileSync(join(work, 'no.json'), '{"default":[{"type":"reject"}]}');
  const refused = await skopeo('--policy', 'no.json', 'copy', ...insecure, busybox(), 'dir:d');
  expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is rejected by policy') });
  expect(readdirSync(work)).toEqual(['no.json']);
  const taken = await skopeo('--policy', 'no.json', '--insecure-policy', 'copy', ...insecure, busybox(), 'dir:d');
  expect(taken.exitCode).toBe(0);
});

it('signs, carries signatures along, and lets nothing make them wrong', async () => {
  const gpg = gpgHome();
  gnupg = gpg.env;
  try {
    await gpg.newKey('Signer <signer@a.example>');
    const keyPath = await gpg.publicKey('signer@a.example');
    mkdirSync(join(work, 'd'));
    const lookaside = { docker: { [real.host]: { lookaside: `file://${work}/sigstore` } } };
    writeFileSync(join(work, 'd/a.yaml'), JSON.stringify(lookaside));
    const signedBy = [{ type: 'signedBy', keyType: 'GPGKeys', keyPath }];
    const policy = { default: [{ type: 'reject' }], transports: { docker: { [real.host]: signedBy } } };
    writeFileSync(join(work, 'signed.json'), JSON.stringify(policy));
    const copy = (...args: string[]) => skopeo('--registries.d', 'd', 'copy', ...insecure, ...args);
    const obeying = (...args: string[]) => skopeo('--policy', 'signed.json', '--registries.d', 'd', 'copy', ...args);
    const signed = `docker://${real.host}/signed:1`;
    expect((await copy('--sign-by', 'signer@a.example', busybox(), signed)).stderr).toBe('');
    expect((await obeying(...insecure, signed, 'dir:out')).exitCode).toBe(0);
    expect(readdirSync(join(work, 'out'))).toContain('signature-1');
    expect((await copy(busybox(), `docker://${real.host}/unsigned:1`)).exitCode).toBe(0);
    const refused = await obeying(...insecure, `docker://${real.host}/unsigned:1`, 'dir:no');
    expect(refused).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('Source image rejected: ') });
    expect((await copy('--format', 'v2s2', 'dir:out', 'dir:changed')).stderr).toContain('would not fit any more');
    expect((await copy('dir:out', 'oci:o')).stderr).toContain('cannot be copied to this kind of target');
    expect((await copy('--remove-signatures', '--format', 'v2s2', 'dir:out', 'dir:plain')).exitCode).toBe(0);
    expect(readdirSync(join(work, 'plain'))).not.toContain('signature-1');
    expect((await copy('--sign-by', 'signer@a.example', busybox(), 'dir:x')).stderr).toContain('use --sign-identity');
  } finally {
    gnupg = {};
    await gpg.cleanup();
  }
});

it('gives up after --command-timeout', async () => {
  const result = await skopeo('--command-timeout', '1ms', 'inspect', '--tls-verify=false', busybox());
  expect(result).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('context deadline exceeded') });
});

it('sync copies all tags into folders and back into a registry', async () => {
  const from = ['sync', '--src-tls-verify=false', '--src', 'docker', '--dest', 'dir'];
  const source = `${inject('registry')}/library/busybox`;
  const dry = await skopeo(...from, '--scoped', '--dry-run', `${source}:1`, 'mirror');
  expect(dry.stderr).toContain(`from="docker://${source}:1" to="dir:mirror/${source}:1"`);
  expect(dry.stderr).toContain('Would have synced 1 images from 1 sources');
  expect(readdirSync(work)).toEqual([]);
  expect((await skopeo(...from, source, 'mirror')).stderr).toContain('Synced 3 images from 1 sources');
  expect(readdirSync(join(work, 'mirror')).sort()).toEqual(['busybox:1', 'busybox:latest', 'busybox:zstd']);
  expect((await skopeo(...from, source, 'mirror')).stderr).toContain('refusing to overwrite');
  const back = ['sync', '--dest-tls-verify=false', '--src', 'dir', '--dest', 'docker', '--digestfile', 'digests'];
  expect((await skopeo(...back, 'mirror', `${real.host}/back`)).stderr).toContain('Synced 3 images');
  const again = await skopeo(...back, 'mirror', `${real.host}/back`);
  expect(again.stderr).toContain('Synced 3 images');
  expect(again.stdout).toBe('');
  expect(readFileSync(join(work, 'digests'), 'utf8')).toContain(` docker://${real.host}/back/busybox:zstd\n`);
});

it('sync takes a YAML file, and goes on after a failure when told to', async () => {
  const lines = [
    `${inject('registry')}:`,
    '  tls-verify: false',
    '  images:',
    '    library/busybox: ["1", nope]',
    '    library/nginx: []',
    '  images-by-tag-regex:',
    '    library/busybox: ^zst',
    '  images-by-semver:',
    '    library/busybox: ">= 1, < 2"',
  ];
  writeFileSync(join(work, 'images.yml'), lines.join('\n'));
  const args = ['sync', '--keep-going', '--src', 'yaml', '--dest', 'docker', '--dest-tls-verify=false'];
  const result = await skopeo(...args, 'images.yml', `${real.host}/yaml`);
  expect(result.stderr).toContain('1 of 5 images could not be copied');
  expect(result.exitCode).toBe(1);
  const tags = await skopeo('list-tags', '--tls-verify=false', `docker://${real.host}/yaml/busybox`);
  expect(JSON.parse(tags.stdout).Tags.sort()).toEqual(['1', 'zstd']);
});
