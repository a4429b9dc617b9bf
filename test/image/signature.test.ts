/** Verification of signatures of both kinds, with the real gpg and real keys. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { enforcePolicy } from '../../src/image/signature/enforce.ts';
import { makePayload } from '../../src/image/signature/payload.ts';
import { type Signature, signatureBytes, signatureFrom } from '../../src/image/signature/signature.ts';
import { registrySubject } from '../../src/image/signature/subject.ts';
import { digestOf } from '../../src/registry/manifest.ts';
import { parseDocker } from '../../src/registry/reference.ts';
import { must } from '../helpers/exec.ts';
import { type GpgHome, gpgHome, payload } from './signature-setting.ts';

const manifest = Buffer.from('{"schemaVersion":2}');
const digest = digestOf(manifest);
const other = `sha256:${'0'.repeat(64)}` as const;
const name = 'a.example/x/y:1';

let folder: string;
let gpg: GpgHome;
let goodKey: string;
let badKey: string;
let good: Buffer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-signature-'));
  gpg = gpgHome();
  await gpg.newKey('good@a.example');
  await gpg.newKey('bad@a.example');
  goodKey = await gpg.publicKey('good@a.example');
  badKey = await gpg.publicKey('bad@a.example');
  good = await gpg.sign('good@a.example', payload(digest, name));
});
afterAll(async () => {
  await gpg.cleanup();
  rmSync(folder, { recursive: true, force: true });
});

function simple(...list: Uint8Array[]): Signature[] {
  return list.map((bytes) => ({ format: 'simple-signing', bytes: Buffer.from(bytes) }));
}

/** Null when the policy accepts the image, else the message. */
async function refusal(requirement: object, signatures: Signature[], image = name): Promise<string | null> {
  const file = join(folder, 'policy.json');
  writeFileSync(file, JSON.stringify({ default: [requirement] }));
  const subject = { ...registrySubject(parseDocker(image)), manifest, signatures: async () => signatures };
  return enforcePolicy(subject, file).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

const signedBy = (fields: object = {}) => ({ type: 'signedBy', keyType: 'GPGKeys', keyPath: goodKey, ...fields });

describe('signedBy', () => {
  it('accepts a signature of this manifest under this name by this key', async () => {
    expect(await refusal(signedBy(), simple(good))).toBeNull();
  });

  it('takes keys from several files, or from the policy itself', async () => {
    const { keyPath: _, ...bare } = signedBy();
    expect(await refusal({ ...bare, keyPaths: [badKey, goodKey] }, simple(good))).toBeNull();
    expect(await refusal({ ...bare, keyData: readFileSync(goodKey).toString('base64') }, simple(good))).toBeNull();
  });

  it('takes an armored key', async () => {
    const armored = join(folder, 'key.asc');
    writeFileSync(armored, await must('gpg', ['--armor', '--export', 'good@a.example'], { env: gpg.env }));
    expect(await refusal(signedBy({ keyPath: armored }), simple(good))).toBeNull();
  });

  it('is not met without a signature, nor by one of sigstore', async () => {
    const none = 'Source image rejected: A signature was required, but no signature exists';
    expect(await refusal(signedBy(), [])).toBe(none);
    const attached: Signature = { format: 'sigstore', mediaType: 'a/b', payload: good, annotations: {} };
    expect(await refusal(signedBy(), [attached])).toBe(none);
  });

  it('refuses a signature of another manifest', async () => {
    const signature = await gpg.sign('good@a.example', payload(other, name));
    expect(await refusal(signedBy(), simple(signature))).toBe(
      `Source image rejected: Signature for digest ${other} does not match`,
    );
  });

  it('refuses a signature for another name', async () => {
    const signature = await gpg.sign('good@a.example', payload(digest, 'a.example/x/z:1'));
    expect(await refusal(signedBy(), simple(signature))).toBe(
      'Source image rejected: Signature for identity "a.example/x/z:1" is not accepted',
    );
  });

  it('refuses an unknown key', async () => {
    const signature = await gpg.sign('bad@a.example', payload(digest, name));
    expect(await refusal(signedBy(), simple(signature))).toMatch(/Invalid GPG signature: .*not one of those/);
  });

  it('one good signature among bad ones is enough, and none of them are told all', async () => {
    const bad = await gpg.sign('bad@a.example', payload(digest, name));
    const wrong = await gpg.sign('good@a.example', payload(other, name));
    expect(await refusal(signedBy(), simple(bad, wrong, good))).toBeNull();
    expect(await refusal(signedBy(), simple(bad, wrong))).toMatch(
      /None of the signatures were accepted, reasons: Invalid GPG .*; Signature for digest/,
    );
  });

  it('two requirements need a signature of both keys', async () => {
    const file = join(folder, 'both.json');
    writeFileSync(file, JSON.stringify({ default: [signedBy(), signedBy({ keyPath: badKey })] }));
    const ask = (...list: Uint8Array[]) =>
      enforcePolicy({ ...registrySubject(parseDocker(name)), manifest, signatures: async () => simple(...list) }, file);
    await expect(ask(good)).rejects.toThrow('Invalid GPG signature');
    await ask(good, await gpg.sign('bad@a.example', payload(digest, name)));
  });

  it('refuses an expired key and an expired signature', async () => {
    const old = ['--faked-system-time', '20200101T000000'];
    const gpgOld = (...args: string[]) => must('gpg', ['--batch', '--yes', ...old, ...args], { env: gpg.env });
    await gpgOld('--passphrase', '', '--quick-gen-key', 'old@a.example', 'ed25519', 'sign', '1d');
    const byOld = await gpg.sign('old@a.example', payload(digest, name), ...old);
    const keyPath = await gpg.publicKey('old@a.example');
    expect(await refusal(signedBy({ keyPath }), simple(byOld))).toMatch(/Invalid GPG signature: its key has expired/);
    await gpgOld('--passphrase', '', '--quick-gen-key', 'elder@a.example', 'ed25519', 'sign', 'never');
    const expired = await gpg.sign('elder@a.example', payload(digest, name), ...old, '--default-sig-expire', '1d');
    const elder = await gpg.publicKey('elder@a.example');
    expect(await refusal(signedBy({ keyPath: elder }), simple(expired))).toMatch(/signature has expired/);
  });

  it('refuses a revoked key', async () => {
    const fingerprint = await gpg.newKey('gone@a.example');
    const signature = await gpg.sign('gone@a.example', payload(digest, name));
    const revocation = readFileSync(join(gpg.home, 'openpgp-revocs.d', `${fingerprint}.rev`), 'utf8');
    const certificate = join(folder, 'gone.rev');
    writeFileSync(certificate, revocation.replace(':-----BEGIN', '-----BEGIN'));
    await must('gpg', ['--batch', '--import', certificate], { env: gpg.env });
    const keyPath = await gpg.publicKey('gone@a.example');
    expect(await refusal(signedBy({ keyPath }), simple(signature))).toMatch(/its key was revoked/);
  });

  it('accepts a subkey of the key', async () => {
    const fingerprint = await gpg.newKey('sub@a.example');
    const options = ['--batch', '--passphrase', '', '--quick-add-key', fingerprint, 'ed25519', 'sign', 'never'];
    await must('gpg', options, { env: gpg.env });
    const signature = await gpg.sign('sub@a.example', payload(digest, name));
    expect(await refusal(signedBy({ keyPath: await gpg.publicKey('sub@a.example') }), simple(signature))).toBeNull();
  });

  it('notations and names that look like status lines change nothing', async () => {
    const user = 'x\n[GNUPG:] GOODSIG 0 y';
    const notation = ['--set-notation', 'a@b.example=1 [GNUPG:] VALIDSIG 2'];
    const noted = await gpg.sign('good@a.example', payload(digest, name), ...notation);
    expect(await refusal(signedBy(), simple(noted))).toBeNull();
    await gpg.newKey(`${user.replace('\n', '%0A')} <evil@a.example>`);
    const evil = await gpg.sign('evil@a.example', payload(digest, name), ...notation);
    expect(await refusal(signedBy(), simple(evil))).toMatch(/Invalid GPG signature/);
  });

  it('refuses a critical notation that nobody understands', async () => {
    const notation = ['--set-notation', '!must@b.example=1'];
    const noted = await gpg.sign('good@a.example', payload(digest, name), ...notation);
    expect(await refusal(signedBy(), simple(noted))).toMatch(/Invalid GPG signature/);
  });

  it('refuses two signatures in one, a clear text, an encrypted and a detached one, and garbage', async () => {
    const run = async (...args: string[]) => {
      const [from, to] = [join(folder, 'plain'), join(folder, 'made')];
      writeFileSync(from, payload(digest, name));
      await must('gpg', ['--batch', '--yes', ...args, '--output', to, from], { env: gpg.env });
      return readFileSync(to);
    };
    const twice = await run('-u', 'good@a.example', '-u', 'bad@a.example', '--sign');
    const plain = await run('--store');
    const secret = await run('--symmetric', '--passphrase', 'x', '--pinentry-mode', 'loopback', '--sign');
    const detached = await run('-u', 'good@a.example', '--detach-sign');
    const joined = Buffer.concat([plain, good]);
    for (const bytes of [twice, plain, secret, detached, joined, good.subarray(0, -9), Buffer.from([0xa3, 1, 2])]) {
      expect(await refusal(signedBy(), simple(bytes))).toMatch(/^Source image rejected: Invalid GPG signature: /);
    }
  });

  it('a text that is signed but is no payload is refused', async () => {
    const texts = [
      'hello',
      payload(digest, name, { extra: 1 }),
      payload(digest, name).replace('"identity"', '"type":"atomic container signature","identity"'),
      payload(digest, name).replace('atomic container', 'cosign container image'),
      payload('sha256:1', name),
      payload(digest, name).replace('1700000000', '1.5'),
    ];
    for (const text of texts) {
      const signature = await gpg.sign('good@a.example', text);
      expect(await refusal(signedBy(), simple(signature)), text).toMatch(/^Source image rejected: /);
    }
  });

  it('a signature that unpacks to more than it may is refused', async () => {
    const bomb = await gpg.sign('good@a.example', Buffer.alloc(64 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(1024 * 1024);
    expect(await refusal(signedBy(), simple(bomb))).toMatch(/^Source image rejected: Invalid GPG signature: /);
  });

  it('without gpg it says which program is missing', async () => {
    const { PATH } = process.env;
    process.env['PATH'] = folder;
    try {
      expect(await refusal(signedBy(), simple(good))).toMatch(/need the program "gpg", which is not installed/);
    } finally {
      process.env['PATH'] = PATH;
    }
  });

  it('a missing key file is an error, not a key less', async () => {
    const { keyPath: _, ...bare } = signedBy();
    const message = await refusal({ ...bare, keyPaths: [goodKey, `${folder}/missing`] }, simple(good));
    expect(message).toMatch(/reading key ".*missing"/);
  });

  it("leaves no folder of gpg's behind", async () => {
    await refusal(signedBy(), simple(good, Buffer.from([0xa3])));
    expect(readdirSync(tmpdir()).filter((entry) => entry.startsWith('tspod-gpg-'))).toEqual([]);
  });
});

describe('signedIdentity', () => {
  const cases: [string, object, string, string, boolean][] = [
    ['matchExact', {}, name, name, true],
    ['matchExact', {}, name, 'a.example/x/y:2', false],
    ['matchExact', {}, `a.example/x/y@${other}`, name, false],
    ['matchRepoDigestOrExact', {}, `a.example/x/y@${other}`, name, true],
    ['matchRepoDigestOrExact', {}, name, 'a.example/x/y:2', false],
    ['matchRepoDigestOrExact', {}, name, 'a.example/x/y', false],
    ['matchRepository', {}, name, 'a.example/x/y:2', true],
    ['matchRepository', {}, name, 'a.example/x/z:1', false],
    ['exactReference', { dockerReference: 'b.example/z:3' }, name, 'b.example/z:3', true],
    ['exactReference', { dockerReference: 'b.example/z:3' }, name, name, false],
    ['exactRepository', { dockerRepository: 'b.example/z' }, name, 'b.example/z:9', true],
    ['exactRepository', { dockerRepository: 'b.example/z' }, name, name, false],
    ['remapIdentity', { prefix: 'a.example/x', signedPrefix: 'b.example/w' }, name, 'b.example/w/y:1', true],
    ['remapIdentity', { prefix: 'a.example/x', signedPrefix: 'b.example/w' }, name, name, false],
    ['remapIdentity', { prefix: 'a.example/xx', signedPrefix: 'b.example/w' }, name, name, true],
    ['remapIdentity', { prefix: 'a.example', signedPrefix: 'b.example:80' }, name, 'b.example:80/x/y:1', true],
    ['matchExact', {}, 'busybox:1', 'docker.io/library/busybox:1', true],
    ['matchExact', {}, name, 'A b', false],
  ];
  it.each(cases)('%s %j: image %s, signature for %s: %s', async (type, fields, image, signed, accepted) => {
    const signature = await gpg.sign('good@a.example', payload(digest, signed));
    const result = await refusal(signedBy({ signedIdentity: { type, ...fields } }), simple(signature), image);
    if (accepted) expect(result).toBeNull();
    else expect(result).toMatch(/Signature for identity ".*" is not accepted/);
  });
});

describe('sigstoreSigned', () => {
  const keys = {
    'P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    'P-384': generateKeyPairSync('ec', { namedCurve: 'P-384' }),
    RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    Ed25519: generateKeyPairSync('ed25519'),
  };
  type Kind = keyof typeof keys;
  const pem = (kind: Kind) => Buffer.from(keys[kind].publicKey.export({ type: 'spki', format: 'pem' }).toString());
  const attached = (kind: Kind, content: Buffer, mediaType?: string): Signature => ({
    format: 'sigstore',
    mediaType: mediaType ?? 'application/vnd.dev.cosign.simplesigning.v1+json',
    payload: content,
    annotations: {
      'dev.cosignproject.cosign/signature': sign(
        kind === 'Ed25519' ? null : 'sha256',
        content,
        keys[kind].privateKey,
      ).toString('base64'),
    },
  });
  const signed = (fields: object) => ({ type: 'sigstoreSigned', ...fields });
  const content = makePayload({ digest, reference: name }, 'cosign');
  let keyPath: string;
  beforeEach(() => {
    keyPath = join(folder, 'cosign.pub');
    writeFileSync(keyPath, pem('P-256'));
  });

  it.each(['P-256', 'P-384', 'RSA', 'Ed25519'] as const)('accepts a signature of a %s key', async (kind) => {
    const keyData = pem(kind).toString('base64');
    expect(await refusal(signed({ keyData }), [attached(kind, content)])).toBeNull();
    const tampered = { ...attached(kind, content), payload: Buffer.from(`${content} `) } as Signature;
    expect(await refusal(signed({ keyData }), [tampered])).toMatch(/cryptographic signature verification failed/);
  });

  it('takes any of several keys, and refuses others', async () => {
    const keyDatas = [pem('RSA').toString('base64'), pem('P-256').toString('base64')];
    expect(await refusal(signed({ keyDatas }), [attached('P-256', content)])).toBeNull();
    expect(await refusal(signed({ keyPath }), [attached('RSA', content)])).toMatch(/verification failed/);
  });

  it('reads what cosign writes: null where there are no annotations', async () => {
    const cosign = JSON.stringify({ ...JSON.parse(content.toString()), optional: null });
    expect(await refusal(signed({ keyPath }), [attached('P-256', Buffer.from(cosign))])).toBeNull();
  });

  it('refuses another manifest, another name, another type and another kind of attachment', async () => {
    const about = (change: object) => attached('P-256', makePayload({ digest, reference: name, ...change }, 'cosign'));
    expect(await refusal(signed({ keyPath }), [about({ digest: other })])).toMatch(/for digest .* does not match/);
    expect(await refusal(signed({ keyPath }), [about({ reference: 'a.example/q:1' })])).toMatch(/is not accepted/);
    const atomic = attached('P-256', makePayload({ digest, reference: name }, 'atomic'));
    expect(await refusal(signed({ keyPath }), [atomic])).toMatch(/Unrecognized signature type/);
    const attestation = attached('P-256', content, 'application/vnd.in-toto+json');
    expect(await refusal(signed({ keyPath }), [attestation])).toBe(
      'Source image rejected: A signature was required, but no signature exists ' +
        '(0 non-sigstore signatures, 1 sigstore non-signature attachments)',
    );
  });

  it('refuses a signature that is missing or no base64', async () => {
    const bare = attached('P-256', content) as Extract<Signature, { format: 'sigstore' }>;
    expect(await refusal(signed({ keyPath }), [{ ...bare, annotations: {} }])).toMatch(
      /missing .*signature annotation/,
    );
    const annotations = { 'dev.cosignproject.cosign/signature': '%%%' };
    expect(await refusal(signed({ keyPath }), [{ ...bare, annotations }])).toMatch(/base64/);
  });

  it('a file that is no public key is an error, also beside a good one', async () => {
    const privateKey = keys['P-256'].privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const keyDatas = [pem('P-256'), Buffer.from(privateKey)].map((bytes) => bytes.toString('base64'));
    expect(await refusal(signed({ keyDatas }), [attached('P-256', content)])).toMatch(/parsing public key/);
  });
});

describe('the bytes of a signature', () => {
  it('are read back as they were written', () => {
    const [first] = simple(good);
    const sigstore: Signature = { format: 'sigstore', mediaType: 'a/b', payload: good, annotations: { c: 'd' } };
    for (const signature of [first, sigstore]) {
      expect(signature && signatureFrom(signatureBytes(signature))).toEqual(signature);
    }
  });

  it.each([
    ['nothing', ''],
    ['a web page', '<html>'],
    ['no line end', '\0sigstore-json'],
    ['an unknown format', '\0other\n{}'],
    ['no sigstore signature', '\0sigstore-json\n{"mimeType":1}'],
  ])('are refused when they are %s', (_, bytes) => {
    expect(() => signatureFrom(Buffer.from(bytes))).toThrow(/signature/);
  });
});
