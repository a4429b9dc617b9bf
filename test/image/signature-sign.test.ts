/** Signatures that tspod makes, checked by skopeo, and the other way round. */
import { createPublicKey } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readCosignKey } from '../../src/image/signature/cosign-key.ts';
import { newCosignKeyPair } from '../../src/image/signature/cosign-key-pair.ts';
import { sha256 } from '../fixtures/image.ts';
import { exec, must } from '../helpers/exec.ts';
import { binary, newEngine, type TestEngine } from '../helpers/tspod.ts';
import { type GpgHome, gpgHome } from './signature-setting.ts';

const registry = inject('registry');
const image = `${registry}/library/busybox:latest`;

let engine: TestEngine;
let gpg: GpgHome;
let gpgKey: string;
let registriesD: string;
let sigstore: string;
let cosign: { privateKey: string; publicKey: string };

beforeAll(async () => {
  gpg = gpgHome();
  await gpg.newKey('Signer <signer@a.example>');
  gpgKey = await gpg.publicKey('signer@a.example');
  engine = newEngine({
    registries: `[[registry]]\nlocation = "${registry}"\ninsecure = true\n`,
    env: { GNUPGHOME: gpg.home },
  });
  sigstore = join(engine.dir, 'sigstore');
  const home = join(engine.dir, 'home');
  Object.assign(engine.env, { HOME: home });
  registriesD = join(home, '.config/containers/registries.d');
  mkdirSync(registriesD, { recursive: true });
  const entry = { lookaside: `file://${sigstore}`, 'use-sigstore-attachments': true };
  writeFileSync(join(registriesD, 'a.yaml'), JSON.stringify({ docker: { [registry]: entry } }));
  cosign = await newCosignKey('secret');
  await engine.pull('-q', image);
});
afterAll(async () => {
  await engine.cleanup();
  await gpg.cleanup();
});

async function newCosignKey(passphrase: string): Promise<{ privateKey: string; publicKey: string }> {
  const pair = await newCosignKeyPair(passphrase);
  const files = { privateKey: join(engine.dir, 'cosign.key'), publicKey: join(engine.dir, 'cosign.pub') };
  writeFileSync(files.privateKey, pair.privateKey);
  writeFileSync(files.publicKey, pair.publicKey);
  writeFileSync(join(engine.dir, 'passphrase'), `${passphrase}\n`);
  return files;
}

const signedBy = () => [{ type: 'signedBy', keyType: 'GPGKeys', keyPath: gpgKey }];
const sigstoreSigned = () => [{ type: 'sigstoreSigned', keyPath: cosign.publicKey }];

function policy(requirements: object[]): string {
  const file = join(engine.dir, 'signed.json');
  const transports = { docker: { [registry]: requirements } };
  writeFileSync(file, JSON.stringify({ default: [{ type: 'reject' }], transports }));
  return file;
}

/** A pull by skopeo under the policy, to a folder. */
function skopeo(requirements: object[], name: string) {
  const where = ['--policy', policy(requirements), '--registries.d', registriesD];
  return exec('skopeo', [...where, 'copy', '--src-tls-verify=false', `docker://${name}`, `dir:${engine.dir}/out`]);
}

function tspod(requirements: object[], name: string) {
  return engine.tspod('pull', '-q', '--signature-policy', policy(requirements), name);
}

const withKey = () => [
  '--sign-by-sigstore-private-key',
  cosign.privateKey,
  '--sign-passphrase-file',
  join(engine.dir, 'passphrase'),
];

describe('push --sign-by', () => {
  it('makes a signature that skopeo and tspod accept, for this name alone', async () => {
    const name = `${registry}/made/simple:1`;
    const { stderr, exitCode } = await engine.tspod('push', '--sign-by', 'signer@a.example', image, name);
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/Creating signature: Signing image using simple signing\n.*\n?.*Storing signatures\n/s);
    expect(await skopeo(signedBy(), name)).toMatchObject({ exitCode: 0 });
    expect(await tspod(signedBy(), name)).toMatchObject({ exitCode: 0 });
    await engine.ok('push', '-q', image, `${registry}/made/simple:2`);
    expect((await tspod(signedBy(), `${registry}/made/simple:2`)).stderr).toMatch(/Signature for identity/);
  });

  it('keeps the signatures under other names', async () => {
    for (const tag of ['1', '2']) {
      await engine.ok('push', '-q', '--sign-by', 'signer@a.example', image, `${registry}/made/twice:${tag}`);
    }
    expect(await tspod(signedBy(), `${registry}/made/twice:1`)).toMatchObject({ exitCode: 0 });
    expect(await tspod(signedBy(), `${registry}/made/twice:2`)).toMatchObject({ exitCode: 0 });
  });

  it('takes the passphrase from a file', async () => {
    const create = ['--batch', '--passphrase', 'open sesame', '--pinentry-mode', 'loopback'];
    await must('gpg', [...create, '--quick-gen-key', 'locked@a.example', 'ed25519', 'sign', 'never'], { env: gpg.env });
    await must('gpgconf', ['--kill', 'gpg-agent'], { env: gpg.env });
    const file = join(engine.dir, 'gpg-passphrase');
    const push = ['push', '-q', '--sign-by', 'locked@a.example', '--sign-passphrase-file', file, image];
    writeFileSync(file, 'wrong');
    const failed = await engine.tspod(...push, `${registry}/made/locked:1`);
    expect(failed.stderr).toMatch(/creating signature: .*(Bad passphrase|No secret key)/i);
    expect((await tspod(signedBy(), `${registry}/made/locked:1`)).stderr).toMatch(/manifest unknown|name unknown/i);
    writeFileSync(file, 'open sesame\n');
    expect(await engine.tspod(...push, `${registry}/made/locked:1`)).toMatchObject({ exitCode: 0 });
  });

  it('an unknown key, or one that means several, pushes nothing', async () => {
    await gpg.newKey('Other <other@a.example>');
    const name = `${registry}/made/nothing:1`;
    const push = (key: string) => engine.tspod('push', '-q', '--sign-by', key, image, name);
    expect((await push('nobody@a.example')).stderr).toMatch(/no secret key in GnuPG for "nobody@a.example"/);
    expect((await push('@a.example')).stderr).toMatch(/[2-9] secret keys in GnuPG/);
    expect((await exec('skopeo', ['inspect', '--tls-verify=false', `docker://${name}`])).exitCode).not.toBe(0);
  });
});

it('manifest push --sign-by signs the list and its images', async () => {
  const name = `${registry}/made/signed-list:1`;
  await engine.ok('manifest', 'create', 'localhost/list:1', image);
  await engine.ok(
    'manifest',
    'push',
    '-q',
    '--all',
    '--tls-verify=false',
    '--sign-by',
    'signer@a.example',
    'localhost/list:1',
    name,
  );
  expect(await tspod(signedBy(), name)).toMatchObject({ exitCode: 0, stderr: '' });
  expect(await skopeo(signedBy(), name)).toMatchObject({ exitCode: 0 });
});

describe('push --sign-by-sigstore-private-key', () => {
  it('attaches a signature that skopeo and tspod accept', async () => {
    const name = `${registry}/made/cosign:1`;
    expect(await engine.tspod('push', '-q', ...withKey(), image, name)).toMatchObject({ exitCode: 0 });
    expect(await tspod(sigstoreSigned(), name)).toMatchObject({ exitCode: 0 });
  });

  it('adds to what is attached already', async () => {
    for (const tag of ['1', '2']) await engine.ok('push', '-q', ...withKey(), image, `${registry}/made/more:${tag}`);
    for (const tag of ['1', '2']) {
      expect(await tspod(sigstoreSigned(), `${registry}/made/more:${tag}`)).toMatchObject({ exitCode: 0 });
    }
    expect((await tspod(sigstoreSigned(), `${registry}/library/busybox`)).stderr).toMatch(/no signature exists/);
  });

  it('needs the passphrase, and a configuration that allows it', async () => {
    writeFileSync(join(engine.dir, 'wrong'), 'wrong');
    const wrong = withKey().with(3, join(engine.dir, 'wrong'));
    const name = `${registry}/made/refused:1`;
    expect((await engine.tspod('push', ...wrong, image, name)).stderr).toMatch(/decryption failed: wrong passphrase/);
    const elsewhere = await engine.run(['push', '--tls-verify=false', ...withKey(), image, name], {
      env: { HOME: engine.dir },
    });
    expect(elsewhere.stderr).toMatch(/writing sigstore attachments is disabled by configuration/);
  });

  it('reads the key that "skopeo generate-sigstore-key" wrote', async () => {
    const text = Buffer.from(skopeoKey.box, 'base64').toString();
    const key = createPublicKey(await readCosignKey(pem(text), 'secret'));
    expect(key.export({ type: 'spki', format: 'der' }).toString('base64')).toBe(skopeoKey.public);
  });

  it.each([
    ['no PEM', 'hello', /no encrypted private key/],
    ['another PEM', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n', /no encrypted private key/],
    ['no JSON', pem('x'), /no JSON/],
    ['a part missing', pem('{}'), /a part of it is missing/],
    [
      'costs that stall',
      pem(
        JSON.stringify({
          kdf: { name: 'scrypt', params: { N: 2 ** 30, r: 8, p: 1 }, salt: '' },
          cipher: { name: 'nacl/secretbox', nonce: '' },
          ciphertext: '',
        }),
      ),
      /unsupported scrypt parameters/,
    ],
  ])('a key file with %s is refused', async (_, text, reason) => {
    await expect(readCosignKey(text, 'x')).rejects.toThrow(reason);
  });
});

/** Of Skopeo 1.22, passphrase "secret". */
const skopeoKey = {
  box: [
    'eyJrZGYiOnsibmFtZSI6InNjcnlwdCIsInBhcmFtcyI6eyJOIjo2NTUzNiwiciI6OCwicCI6MX0sInNhbHQiOiJibW91OGxnTHl1',
    'aDY1MDlsNGRYeXBod3N6alZiS0JDQUtmRVFUUzIreFRJPSJ9LCJjaXBoZXIiOnsibmFtZSI6Im5hY2wvc2VjcmV0Ym94Iiwibm9u',
    'Y2UiOiJYV3VueHZ1SDd5MlBZVFZ0L1R2b2ZVTFBHbU9sYzBhRyJ9LCJjaXBoZXJ0ZXh0IjoiZkozOXlOMGhlVTRxbEF2NXJnUHZp',
    'V3ZYdVVKWGplUmgvL3VQTUFjSS9KaDY3ZzFOWGl1NS9RVGtmSTRVdGNrOUpZT05McXZHanNkWWs0M2tBUkxSRzh4RUZ0YkVNRlN1',
    'bHFwemJ3cjJXTUpkQlY0ZHFJUDZCV0RwRm9iVlZvdm40MVp2TTJlNmtaSGlZWmdyVE50SGxSekl2d3FFZHJNanRkd3AydDFPd2p0',
    'Q2RuN2NCbFo4c1EvZ0toRy9jZ0FZY3J6VUwwZ1BGZ0RpQlE9PSJ9',
  ].join(''),
  public:
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEue0fQAC2GyepB5vqwAoIvNdmhZmp0fGoJnOkMlM4MKsnyocV74ZCHVJmBR/FXaUJx8wWlZhw7kFuUsg7DbiYdg==',
};

function pem(text: string): string {
  const label = 'ENCRYPTED SIGSTORE PRIVATE KEY';
  return `-----BEGIN ${label}-----\n${Buffer.from(text).toString('base64')}\n-----END ${label}-----\n`;
}

describe('image sign', () => {
  it('signs an image of a registry and one of the store', async () => {
    const folder = join(engine.dir, 'signed');
    mkdirSync(folder);
    // The image may have come under other names with other manifests meanwhile.
    await engine.ok('rmi', '--all', '--force');
    await engine.pull('-q', image);
    const sign = (...args: string[]) => engine.tspod('image', 'sign', '--sign-by', 'signer@a.example', ...args);
    expect(await sign('-d', folder, `docker://${image}`)).toMatchObject({ exitCode: 0, stdout: '' });
    expect(await sign('-d', folder, `containers-storage:${image}`)).toMatchObject({ exitCode: 0 });
    const [place = ''] = readdirSync(join(folder, 'library'));
    expect(readdirSync(join(folder, 'library', place))).toEqual(['signature-1', 'signature-2']);
    const raw = await must('skopeo', ['inspect', '--raw', '--tls-verify=false', `docker://${image}`]);
    writeFileSync(join(engine.dir, 'manifest.json'), raw);
    expect(place).toBe(`busybox@${sha256(raw).replace(':', '=')}`);
    const fingerprint = /^fpr:+([0-9A-F]+):/m.exec(
      await must('gpg', ['--with-colons', '--list-keys', 'signer@a.example'], { env: gpg.env }),
    )?.[1];
    const signature = join(folder, 'library', place, 'signature-2');
    const verify = ['standalone-verify', join(engine.dir, 'manifest.json'), image, fingerprint ?? '', signature];
    expect(await must('skopeo', verify, { env: gpg.env })).toMatch(/Signature.* verified/);
  });

  it("writes to the folder of registries.d, and signs an index's images with --all", async () => {
    const list = `${registry}/made/list:1`;
    await must(
      'skopeo',
      ['copy', '--all', '--insecure-policy', '--src-tls-verify=false', '--dest-tls-verify=false'].concat([
        `docker://${image}`,
        `docker://${list}`,
      ]),
    );
    const result = await engine.tspod('image', 'sign', '--all', '--sign-by', 'signer@a.example', `docker://${list}`);
    expect(result.stderr).toMatch(/is not a multi-architecture image/);
    await engine.ok('image', 'sign', '--sign-by', 'signer@a.example', `docker://${list}`);
    expect(await tspod(signedBy(), list)).toMatchObject({ exitCode: 0 });
  });

  it('refuses in words what it cannot sign', async () => {
    const sign = async (...args: string[]) => (await engine.tspod('image', 'sign', ...args)).stderr;
    expect(await sign(`docker://${image}`)).toMatch(/Error: no identity provided/);
    expect(await sign('--sign-by', 'x', image)).toMatch(/Invalid image name/);
    expect(await sign('--sign-by', 'x', '-d', '/no/such', `docker://${image}`)).toMatch(/no such file or directory/);
    const id = await engine.ok('images', '-q', '--no-trunc', image);
    expect(await sign('--sign-by', 'x', `containers-storage:${id}`)).toMatch(
      /cannot determine canonical Docker reference/,
    );
  });
});

describe('image trust', () => {
  const trust = (...args: string[]) => engine.tspod('image', 'trust', ...args);
  const file = () => join(engine.dir, 'trust.json');
  const set = (...args: string[]) => trust('set', '--policypath', file(), ...args);
  const show = (...args: string[]) => trust('show', '--policypath', file(), ...args);

  it('sets and shows the default, registries, keys and where signatures are', async () => {
    expect((await set('--type', 'accept', 'quay.io')).stderr).toMatch(/default trust policy must be set/);
    await set('--type', 'accept', 'default');
    await set('--type', 'reject', 'quay.io/bad');
    expect(await set('--pubkeysfile', gpgKey, `${registry}/made`)).toMatchObject({ exitCode: 0, stderr: '' });
    const { stdout } = await show();
    expect(stdout).toMatch(/^TRANSPORT +NAME +TYPE +ID +STORE *$/m);
    expect(stdout).toMatch(/^all +default +accept *$/m);
    expect(stdout).toMatch(/^repository +quay\.io\/bad +reject *$/m);
    expect(stdout).toContain('signed');
    expect(stdout).toMatch(new RegExp(`signer@a\\.example +file://${sigstore}`));
    expect(JSON.parse((await show('--json')).stdout)).toContainEqual({
      transport: 'repository',
      name: 'quay.io/bad',
      repo_name: 'quay.io/bad',
      type: 'reject',
    });
    expect((await show('--noheading')).stdout).not.toContain('TRANSPORT');
    expect((await show('--raw')).stdout).toBe(`${readFileSync(file(), 'utf8')}\n`);
  });

  it('a policy that it made is obeyed', async () => {
    await set('--type', 'reject', 'default');
    await set('--type', 'sigstoreSigned', '-f', cosign.publicKey, `${registry}/made`);
    const name = `${registry}/made/trusted:1`;
    await engine.ok('push', '-q', ...withKey(), image, name);
    const pull = (what: string) => engine.tspod('pull', '-q', '--signature-policy', file(), what);
    expect(await pull(name)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await pull(image)).toMatchObject({ exitCode: 125 });
  });

  it('refuses what would be no policy', async () => {
    expect((await set('--type', 'bogus', 'default')).stderr).toMatch(/^Error: invalid choice: bogus \(choose from/);
    expect((await set('default')).stderr).toMatch(/at least one public key must be defined for type 'signedBy'/);
    expect((await set('--type', 'reject', '-f', gpgKey, 'default')).stderr).toMatch(/1 public keys unexpectedly/);
    expect((await set('--type', 'reject', 'a b')).stderr).toMatch(/invalid image uri: a b/);
  });
});

describe("skopeo's commands for files", () => {
  let manifest: string;
  let fingerprint: string;
  const reference = 'a.example/x:1';
  const run = (...args: string[]) => exec(join(engine.dir, 'skopeo'), args, { env: engine.env });
  beforeAll(async () => {
    symlinkSync(binary, join(engine.dir, 'skopeo'));
    manifest = join(engine.dir, 'some-manifest');
    writeFileSync(manifest, '{}');
    const listed = await must('gpg', ['--with-colons', '--list-keys', 'signer@a.example'], { env: gpg.env });
    fingerprint = /^fpr:+([0-9A-F]+):/m.exec(listed)?.[1] ?? '';
  });

  it('standalone-sign and standalone-verify understand each other and those of skopeo', async () => {
    const [ours, theirs] = [join(engine.dir, 'ours.sig'), join(engine.dir, 'theirs.sig')];
    expect(await run('standalone-sign', manifest, reference, fingerprint, '-o', ours)).toMatchObject({ exitCode: 0 });
    const sign = ['standalone-sign', manifest, reference, fingerprint, '-o', theirs];
    await must('skopeo', sign, { env: gpg.env });
    await must('skopeo', ['standalone-verify', manifest, reference, fingerprint, ours], { env: gpg.env });
    for (const more of [[], ['--public-key-file', gpgKey]]) {
      const { stdout } = await run('standalone-verify', ...more, manifest, reference, fingerprint, theirs);
      expect(stdout).toBe(`Signature verified using fingerprint ${fingerprint}, digest ${sha256('{}')}\n`);
    }
    const any = await run('standalone-verify', '--public-key-file', gpgKey, manifest, reference, 'any', ours);
    expect(any).toMatchObject({ exitCode: 0 });
  });

  it('standalone-verify refuses another manifest, name and key', async () => {
    const file = join(engine.dir, 'refused.sig');
    await run('standalone-sign', manifest, reference, fingerprint, '-o', file);
    const verify = async (...args: string[]) => (await run('standalone-verify', ...args)).stderr;
    const other = join(engine.dir, 'other-manifest');
    writeFileSync(other, '{"a":1}');
    expect(await verify(other, reference, fingerprint, file)).toMatch(/does not match/);
    expect(await verify(manifest, 'a.example/y:1', fingerprint, file)).toMatch(/does not match \\"a.example\/y:1/);
    expect(await verify(manifest, reference, 'A'.repeat(40), file)).toMatch(/signature by key .* is not accepted/);
    expect(await verify(manifest, reference, 'any', file)).toMatch(/Cannot use any fingerprint without/);
    expect(await verify(manifest, reference, 'x', file)).toMatch(/is no fingerprint/);
  });

  it('generate-sigstore-key writes keys once', async () => {
    const prefix = join(engine.dir, 'made');
    const make = () =>
      run('generate-sigstore-key', '--output-prefix', prefix, '--passphrase-file', join(engine.dir, 'passphrase'));
    expect(await make()).toMatchObject({ exitCode: 0 });
    expect(statSync(`${prefix}.private`).mode & 0o777).toBe(0o600);
    const key = await readCosignKey(readFileSync(`${prefix}.private`, 'utf8'), 'secret');
    const made = createPublicKey(key).export({ type: 'spki', format: 'pem' });
    expect(readFileSync(`${prefix}.pub`, 'utf8')).toBe(made);
    expect((await make()).stderr).toMatch(/Refusing to overwrite existing/);
  });
});
